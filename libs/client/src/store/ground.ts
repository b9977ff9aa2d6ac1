import type { KeyRange, Store } from './store.js';

/** What a home is built on: unsealed records and the keys of this machine, taken by one engine. */
export interface Ground {
  readonly records: UnsealedRecords;
  readonly machineKeys: MachineKeys;
  /** Deletes all records and machine keys; the ground stays taken and is empty. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Nothing is opened here, so nothing is found to be damaged. */
export interface UnsealedRecords extends Store {
  range(collection: string, range?: KeyRange): Promise<UnsealedRecord[]>;
}

export interface UnsealedRecord {
  key: string;
  value: Uint8Array;
}

/** AES-256-GCM keys that stay on this machine. Several at once only while one replaces another. */
export interface MachineKeys {
  /** Makes and keeps a new key; durable when it resolves. */
  make(): Promise<MachineKey>;
  get(id: string): Promise<MachineKey | null>;
  /** Deletes all others. */
  keepOnly(id: string): Promise<void>;
}

export interface MachineKey {
  readonly id: string;
  readonly key: CryptoKey;
}
