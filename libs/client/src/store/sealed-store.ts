import { openRecord, sealRecord } from '@wisp/e2ee';
import type { UnsealedRecords } from './ground.js';
import { StoreDamaged, StoreLost, type Change, type Store } from './store.js';

/** Where the seat stands among the unsealed records; nothing of the engine goes there. */
export const HOME_COLLECTION = 'home';

export interface SealedStore {
  readonly store: Store;
  /** Nothing more is read or written through `store`. */
  forget(): void;
}

/**
 * Seals every value under `storeKey` (32 bytes) with its collection and key as associated data, so that a record
 * that was moved doesn't open. `get` throws `StoreDamaged` where one doesn't; `range` names it and goes on.
 */
export function sealedStore(records: UnsealedRecords, storeKey: Uint8Array): SealedStore {
  let forgotten = false;
  /** Keys hold no spaces, so the two can't run into each other. */
  const seal = (collection: string, key: string) => ({ storeKey, recordKey: `${collection} ${key}` });
  const assertOpen = () => {
    if (forgotten) throw new StoreLost('this store was locked');
  };

  /** Null: it doesn't open. */
  async function open(collection: string, key: string, sealed: Uint8Array): Promise<Uint8Array | null> {
    const opened = await openRecord(seal(collection, key), sealed);
    // The key is zeroed at `forget`: what fails after it says nothing about the record.
    assertOpen();
    return opened.kind === 'refused' ? null : opened.record;
  }

  async function sealChange(change: Change): Promise<Change> {
    const { collection, key } = change;
    if (collection === HOME_COLLECTION) throw new RangeError('this collection is the home’s own');
    if (change.kind === 'delete') return change;
    return { ...change, value: await sealRecord(seal(collection, key), change.value) };
  }

  /** Resolves once the commit before was handed on: sealing takes its time, the order of the calls stays. */
  let turn: Promise<unknown> = Promise.resolve();

  async function commit(changes: readonly Change[]): Promise<void> {
    assertOpen();
    const sealing = Promise.allSettled(changes.map(sealChange));
    const handed = turn.then(async () => {
      const sealed = (await sealing).map(valueOf);
      assertOpen();
      return { written: records.commit(sealed) };
    });
    turn = handed.catch(() => {});
    const { written } = await handed;
    await written;
  }

  return {
    store: {
      async get(collection, key) {
        assertOpen();
        const sealed = await records.get(collection, key);
        if (sealed === null) return null;
        const opened = await open(collection, key, sealed);
        if (opened === null) throw new StoreDamaged(`a record of "${collection}" does not open`);
        return opened;
      },
      async range(collection, range) {
        assertOpen();
        const found = await records.range(collection, range);
        return Promise.all(
          found.map(async ({ key, value }) => ({ key, value: await open(collection, key, value) })),
        );
      },
      commit,
    },
    forget() {
      forgotten = true;
    },
  };
}

function valueOf<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
