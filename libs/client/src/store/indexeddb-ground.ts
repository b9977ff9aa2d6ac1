import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Ground, MachineKey, MachineKeys, UnsealedRecord, UnsealedRecords } from './ground.js';
import { assertKey, StoreLost, type Change, type KeyRange } from './store.js';

interface Schema extends DBSchema {
  records: { key: [string, string]; value: Uint8Array };
  'machine-keys': { key: string; value: CryptoKey };
  generation: { key: 'generation'; value: number };
}

interface Seat {
  db: IDBPDatabase<Schema>;
  generation: number;
}

/** Opens the database `name` and takes it over: commits through older grounds fail with `StoreLost`. */
export async function openIndexedDbGround(name: string): Promise<Ground> {
  let seat: Seat | null = await takeSeat(name, () => (seat = null));
  const seated = (): Seat => {
    if (!seat) throw new StoreLost('this store was closed');
    return seat;
  };
  return {
    records: indexedDbRecords(seated),
    machineKeys: indexedDbMachineKeys(seated),
    async clear() {
      seated().db.close();
      seat = null;
      await deleteDB(name);
      seat = await takeSeat(name, () => (seat = null));
    },
    async close() {
      seat?.db.close();
      seat = null;
    },
  };
}

async function takeSeat(name: string, lost: () => void): Promise<Seat> {
  const db = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('records');
      fresh.createObjectStore('machine-keys');
      fresh.createObjectStore('generation');
    },
    // Another engine erases the store: holding on would only block it.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
  const tx = db.transaction('generation', 'readwrite', { durability: 'strict' });
  const generation = ((await tx.store.get('generation')) ?? 0) + 1;
  await tx.store.put(generation, 'generation');
  await tx.done;
  return { db, generation };
}

function indexedDbRecords(seated: () => Seat): UnsealedRecords {
  return {
    async get(collection, key) {
      return (await lostIfClosed(() => seated().db.get('records', [collection, key]))) ?? null;
    },
    range(collection, range = {}) {
      return lostIfClosed(() => readRange(seated().db, collection, range));
    },
    async commit(changes) {
      for (const change of changes) {
        assertKey(change.collection);
        assertKey(change.key);
      }
      await lostIfClosed(() => commit(seated(), changes));
    },
  };
}

async function commit({ db, generation }: Seat, changes: readonly Change[]): Promise<void> {
  const tx = db.transaction(['records', 'generation'], 'readwrite', { durability: 'strict' });
  const finished = tx.done.then(
    () => null,
    (error: Error) => error,
  );
  if ((await tx.objectStore('generation').get('generation')) !== generation) {
    tx.abort();
    await finished;
    throw new StoreLost('another engine has taken this store over');
  }
  const records = tx.objectStore('records');
  const writes = changes.map(async (change) => {
    const key: [string, string] = [change.collection, change.key];
    await (change.kind === 'put' ? records.put(change.value, key) : records.delete(key));
  });
  // A value that can't be cloned fails without ending the transaction.
  Promise.all(writes).catch(() => tx.abort());
  const error = await finished;
  if (error) throw error;
}

async function readRange(
  db: IDBPDatabase<Schema>,
  collection: string,
  { from, to, limit, reverse }: KeyRange,
): Promise<UnsealedRecord[]> {
  if (limit === 0 || (from !== undefined && to !== undefined && from >= to)) return [];
  // Arrays order after strings, so [collection, []] ends the collection.
  const end = (to === undefined ? [collection, []] : [collection, to]) as [string, string];
  const bounds = IDBKeyRange.bound([collection, from ?? ''], end, false, true);
  const { store } = db.transaction('records');
  if (!reverse) {
    const [keys, values] = await Promise.all([store.getAllKeys(bounds, limit), store.getAll(bounds, limit)]);
    return keys.map(([, key], i) => ({ key, value: values[i]! }));
  }
  const found: UnsealedRecord[] = [];
  for (
    let cursor = await store.openCursor(bounds, 'prev');
    cursor && found.length < (limit ?? Infinity);
    cursor = await cursor.continue()
  ) {
    found.push({ key: cursor.key[1], value: cursor.value });
  }
  return found;
}

function indexedDbMachineKeys(seated: () => Seat): MachineKeys {
  return {
    async make() {
      const made: MachineKey = {
        id: crypto.randomUUID(),
        key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
      };
      const tx = seated().db.transaction('machine-keys', 'readwrite', { durability: 'strict' });
      await Promise.all([tx.store.put(made.key, made.id), tx.done]);
      return made;
    },
    async get(id) {
      const key = await seated().db.get('machine-keys', id);
      return key ? { id, key } : null;
    },
    async keepOnly(id) {
      const tx = seated().db.transaction('machine-keys', 'readwrite', { durability: 'strict' });
      const ids = await tx.store.getAllKeys();
      await Promise.all([
        ...ids.filter((other) => other !== id).map((other) => tx.store.delete(other)),
        tx.done,
      ]);
    },
  };
}

/** A closed connection throws `InvalidStateError`: the place was taken or erased. */
async function lostIfClosed<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if ((error as { name?: unknown }).name === 'InvalidStateError') {
      throw new StoreLost('this store was closed', { cause: error });
    }
    throw error;
  }
}
