import { verifyDeviceList, type VerifiedDeviceList } from '@wisp/e2ee';
import type { ServerId, UserId } from '@wisp/protocol';
import { sortable } from '../store/sortable.js';
import { put, StoreDamaged, type Change, type Store } from '../store/store.js';

const COLLECTION = 'device-lists';

/** Every device list that this device has checked: rosters name them by version. */
export interface DeviceListStore {
  get(userId: UserId, version: number): Promise<VerifiedDeviceList | null>;
  put(list: VerifiedDeviceList): Change;
}

export function deviceListStore(store: Store, serverId: ServerId): DeviceListStore {
  return {
    async get(userId, version) {
      const statement = await store.get(COLLECTION, keyOf(userId, version));
      if (!statement) return null;
      const verdict = await verifyDeviceList(statement, { serverId, userId });
      if (verdict.kind === 'refused') throw new StoreDamaged(`a stored device list: ${verdict.reason}`);
      return verdict.list;
    },
    put: (list) => put(COLLECTION, keyOf(list.userId, list.version), list.statement),
  };
}

function keyOf(userId: UserId, version: number): string {
  return `${userId}/${sortable(version)}`;
}
