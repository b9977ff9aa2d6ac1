import type { Bus, Subscription } from '@wisp/bus';
import { encodeBase64url, subjects } from '@wisp/protocol';
import type { DeviceLists } from '../../domain/account.js';
import { trustStoredList } from '../../domain/device-list.js';
import { QUEUE } from './queue.js';

/** Users that there never were are left out. */
export function answerDeviceLists(bus: Bus, { deviceLists }: { deviceLists: DeviceLists }): Subscription {
  return bus.handle(subjects.getDeviceLists(), QUEUE, async ({ users }) => ({
    lists: (await deviceLists.newestOf(users)).map(({ statement, deleted }) => {
      const { list, hash } = trustStoredList(statement);
      return {
        user: list.userId,
        deleted,
        version: list.version,
        hash: encodeBase64url(hash),
        devices: list.devices.map(({ deviceId, signatureKey }) => ({
          device: deviceId,
          signatureKey: encodeBase64url(signatureKey),
        })),
      };
    }),
  }));
}
