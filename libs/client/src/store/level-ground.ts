import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { hasCode } from './error-code.js';
import type { Ground, UnsealedRecords } from './ground.js';
import { fileMachineKeys } from './file-machine-keys.js';
import { assertKey, StoreBusy, StoreLost, type Change, type KeyRange, type Store } from './store.js';

type Database = ClassicLevel<string, Uint8Array>;

/** Sorts before every character of a key. */
const SEPARATOR = ' ';
const AFTER_SEPARATOR = '!';

/**
 * Opens the store in `folder` (made with mode 0700). LevelDB's lock makes this the only engine on it: throws
 * `StoreBusy` while another one holds it.
 */
export async function openLevelGround(folder: string): Promise<Ground> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let db: Database | null = await openDatabase(folder);
  let queue = commitQueue(db);
  const opened = (): Database => {
    if (!db) throw new StoreLost('this store was closed');
    return db;
  };
  return {
    records: levelRecords(opened, (changes) => {
      opened();
      return queue(changes);
    }),
    machineKeys: fileMachineKeys(folder),
    async clear() {
      await opened().close();
      db = null;
      await rm(join(folder, 'records'), { recursive: true, force: true });
      await fileMachineKeys(folder).keepOnly('none');
      db = await openDatabase(folder);
      queue = commitQueue(db);
    },
    async close() {
      const closing = db;
      db = null;
      await closing?.close();
    },
  };
}

async function openDatabase(folder: string): Promise<Database> {
  const db: Database = new ClassicLevel(join(folder, 'records'), {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression: false,
  });
  try {
    await db.open();
    return db;
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause;
    if (hasCode(cause, 'LEVEL_LOCKED'))
      throw new StoreBusy('another process holds this store', { cause: error });
    throw error;
  }
}

function levelRecords(opened: () => Database, commit: Store['commit']): UnsealedRecords {
  return {
    async get(collection, key) {
      return (await opened().get(place(collection, key))) ?? null;
    },
    async range(collection, range = {}) {
      const found = await opened().iterator(bounds(collection, range)).all();
      return found.map(([key, value]) => ({ key: key.slice(collection.length + 1), value }));
    },
    async commit(changes) {
      for (const change of changes) {
        assertKey(change.collection);
        assertKey(change.key);
      }
      await commit(changes);
    },
  };
}

function place(collection: string, key: string): string {
  return `${collection}${SEPARATOR}${key}`;
}

function bounds(collection: string, { from, to, limit, reverse }: KeyRange) {
  return {
    gte: place(collection, from ?? ''),
    lt: to === undefined ? `${collection}${AFTER_SEPARATOR}` : place(collection, to),
    limit: limit ?? -1,
    reverse: reverse ?? false,
  };
}

interface Waiting {
  changes: readonly Change[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** One synced write at a time, in the order of the calls; what waits meanwhile shares the next fsync. */
function commitQueue(db: Database): Store['commit'] {
  let waiting: Waiting[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await db.batch(
          batch.flatMap(({ changes }) => changes.map(operation)),
          { sync: true },
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const reason =
          db.status === 'open' ? error : new StoreLost('this store was closed', { cause: error });
        for (const { reject } of batch) reject(reason);
      }
    }
    writing = false;
  }

  return (changes) =>
    new Promise((resolve, reject) => {
      waiting.push({ changes, resolve, reject });
      if (!writing) void writeAll();
    });
}

function operation(change: Change) {
  const key = place(change.collection, change.key);
  return change.kind === 'put'
    ? { type: 'put' as const, key, value: change.value }
    : { type: 'del' as const, key };
}
