import type { ListedDevices } from '@wisp/e2ee';
import { deviceList, statement, type UserId } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { StoreDamaged } from '../store/store.js';
import type { Context } from './context.js';
import { sha256 } from './sha256.js';

/** A user's newest device list, its chain checked by `contacts`. */
export async function listedDevices(context: Context, user: UserId): Promise<ListedDevices> {
  const version =
    user === context.self.userId ? context.self.deviceList.version : await newestVersion(context, user);
  const list = await findList(context, { user, version });
  if (list === null) throw new StoreDamaged('a device list that a contact names');
  return list;
}

/** A version that this device has checked; null: it hasn't. */
export async function findList(
  context: Context,
  wanted: { user: UserId; version: number },
): Promise<ListedDevices | null> {
  const bytes = await context.contacts.deviceList(wanted.user, wanted.version);
  if (bytes === null) return null;
  const { devices } = deviceList.decode(statement.decode(bytes).body);
  return {
    userId: wanted.user,
    version: wanted.version,
    hash: await sha256(bytes),
    statement: bytes,
    devices,
  };
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
