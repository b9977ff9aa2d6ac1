import type { ListedDevices } from '@wisp/e2ee';
import type { UserId } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { StoreDamaged } from '../store/store.js';
import type { Context } from './context.js';

/** A user's newest device list, its chain checked by `contacts`. */
export async function listedDevices(context: Context, user: UserId): Promise<ListedDevices> {
  const version =
    user === context.self.userId ? context.self.deviceList.version : await newestVersion(context, user);
  const list = await context.contacts.deviceList(user, version);
  if (list === null) throw new StoreDamaged('a device list that a contact names');
  return list;
}

async function newestVersion(context: Context, user: UserId): Promise<number> {
  const found = await context.contacts.update(user);
  switch (found.kind) {
    case 'found':
      return found.value.listVersion;
    case 'no-such-user':
      throw new EngineError('no-such-user');
    case 'unreachable':
      throw new EngineError('offline');
    case 'refused':
      throw new EngineError('identity-mismatch');
  }
}
