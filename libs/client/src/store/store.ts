/**
 * The durable memory of one engine: records in named collections, ordered by key. Values are bytes and, past
 * `sealedStore`, sealed; keys are not, so a key never spells content.
 */
export interface Store {
  /** The value, or null. Throws `StoreDamaged` where it doesn't open. */
  get(collection: string, key: string): Promise<Uint8Array | null>;
  /** Records of one collection in key order, damaged ones too: one of them hides no other. */
  range(collection: string, range?: KeyRange): Promise<StoredRecord[]>;
  /**
   * All changes or none; resolved once they would survive a power cut. Commits take effect in the order of the
   * calls. Throws `StoreLost` when another engine has taken over.
   */
  commit(changes: readonly Change[]): Promise<void>;
}

export interface KeyRange {
  /** The smallest key, itself included. */
  from?: string;
  /** The end, itself excluded. */
  to?: string;
  limit?: number;
  /** Greatest key first; `limit` counts from there. */
  reverse?: true;
}

export interface StoredRecord {
  key: string;
  /** Null: it is damaged and doesn't open any more. */
  value: Uint8Array | null;
}

export type Change =
  | { kind: 'put'; collection: string; key: string; value: Uint8Array }
  | { kind: 'delete'; collection: string; key: string };

export function put(collection: string, key: string, value: Uint8Array): Change {
  return { kind: 'put', collection, key, value };
}

export function remove(collection: string, key: string): Change {
  return { kind: 'delete', collection, key };
}

/** Another engine has opened this store, it was closed, or it was erased: nothing more can be done with it. */
export class StoreLost extends Error {
  override readonly name = 'StoreLost';
}

/** Another process holds this store (Node). */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
}

/** A record doesn't open under the store's key, or isn't what it should be. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged';
}

const visibleAscii = /^[\x21-\x7e]{1,256}$/;

/** Collections and keys are 1 to 256 visible ASCII characters: IndexedDB and LevelDB order only those alike. */
export function assertKey(text: string): void {
  if (!visibleAscii.test(text)) throw new RangeError('not a store key');
}
