import { verifyDeviceList, type VerifiedDeviceList } from '@wisp/e2ee';
import type { ServerId, UserId } from '@wisp/protocol';
import { nullIfDamaged } from '../store/record.js';
import { fromSortable, sortable, withPrefix } from '../store/sortable.js';
import { put, StoreDamaged, type Change, type Store } from '../store/store.js';

const COLLECTION = 'device-lists';

/** Every device list that this device has checked: rosters name them by version. */
export interface DeviceListStore {
  /** Null also where it is damaged: the server has it too. */
  get(userId: UserId, version: number): Promise<VerifiedDeviceList | null>;
  /** All versions up to one are here. */
  holdsAll(userId: UserId, upTo: number): Promise<boolean>;
  /** The newest one that isn't damaged. */
  newest(userId: UserId): Promise<VerifiedDeviceList | null>;
  put(list: VerifiedDeviceList): Change;
}

export function deviceListStore(store: Store, serverId: ServerId): DeviceListStore {
  const statementOf = (userId: UserId, version: number) =>
    nullIfDamaged(store.get(COLLECTION, keyOf(userId, version)));

  async function get(userId: UserId, version: number): Promise<VerifiedDeviceList | null> {
    const statement = await statementOf(userId, version);
    if (!statement) return null;
    const verdict = await verifyDeviceList(statement, { serverId, userId });
    if (verdict.kind === 'refused') throw new StoreDamaged(`a stored device list: ${verdict.reason}`);
    return verdict.list;
  }

  return {
    get,
    async holdsAll(userId, upTo) {
      for (let version = 1; version <= upTo; version += 1)
        if ((await statementOf(userId, version)) === null) return false;
      return true;
    },
    async newest(userId) {
      const stored = await store.range(COLLECTION, { ...withPrefix(`${userId}/`), reverse: true });
      const newest = stored.find(({ value }) => value !== null);
      return newest === undefined ? null : get(userId, versionIn(newest.key));
    },
    put: (list) => put(COLLECTION, keyOf(list.userId, list.version), list.statement),
  };
}

function versionIn(key: string): number {
  return fromSortable(key.slice(key.indexOf('/') + 1));
}

function keyOf(userId: UserId, version: number): string {
  return `${userId}/${sortable(version)}`;
}
