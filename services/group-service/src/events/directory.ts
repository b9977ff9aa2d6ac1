import { BusError, type Bus } from '@wisp/bus';
import { decodeBase64url, encodeBase64url, subjects, type ReplyOf } from '@wisp/protocol';
import type { CurrentDeviceList } from '../domain/evidence.js';
import type { Directory } from '../domain/ports.js';
import { AWAY } from './away.js';

/** auth-service, over the bus. */
export function createDirectory(bus: Bus): Directory {
  return {
    async readLists(users) {
      const reply = await unlessAway(() => bus.request(subjects.getDeviceLists(), { users: [...users] }));
      return reply && new Map(reply.lists.map((list) => [list.user, listOf(list)]));
    },

    async readClaims(packages, { claimer, conversation }) {
      const wanted = packages.map(({ user, device, ref }) => ({ user, device, ref: encodeBase64url(ref) }));
      const reply = await unlessAway(() =>
        bus.request(subjects.checkClaims(), { claimer, conversation, packages: wanted }),
      );
      if (reply === null) return null;
      return new Set(wanted.flatMap(({ device }, index) => (reply.claimed[index] === true ? [device] : [])));
    },
  };
}

type List = ReplyOf<ReturnType<typeof subjects.getDeviceLists>>['lists'][number];

function listOf({ deleted, version, hash, devices }: List): CurrentDeviceList {
  return {
    deleted,
    version,
    hash,
    devices: new Map(devices.map(({ device, signatureKey }) => [device, decodeBase64url(signatureKey)])),
  };
}

async function unlessAway<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BusError && AWAY.has(error.code)) return null;
    throw error;
  }
}
