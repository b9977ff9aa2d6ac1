import type { DeviceId, Revocation, SessionId, UserId, Username, VaultSlot } from '@wisp/protocol';
import type { Proven } from './check-secret.js';
import type { SignedDeviceList } from './device-list.js';
import type { NewSession, OpenedSession } from './session.js';

/** A living account. */
export interface Account {
  userId: UserId;
  username: Username;
  listVersion: number;
  hashes: AuthKeyHashes;
}

/** bcrypt of both auth keys. */
export type AuthKeyHashes = Record<VaultSlot, string>;

/** A vault whose bytes were checked to be one. */
export interface SealedVault {
  version: number;
  bytes: Uint8Array;
}

export interface StoredVault extends SealedVault {
  etag: string;
}

export interface NewAccount {
  first: SignedDeviceList;
  hashes: AuthKeyHashes;
  vault: SealedVault;
  session: NewSession;
}

export interface DeviceListChange {
  /** The successor of the newest list. */
  next: SignedDeviceList;
  removed: DeviceId[];
}

export interface SecretsChange extends DeviceListChange {
  hashes: AuthKeyHashes;
  /** Comes right after the stored one. */
  vault: SealedVault;
  /** All others end. */
  keepSession: SessionId;
}

/** Stored, and what ended by it. */
export interface Stored {
  kind: 'stored';
  revoked: Revocation[];
}

export interface Accounts {
  /** Whether somebody has or had this name. */
  isNameTaken(username: Username): Promise<boolean>;
  byName(username: Username): Promise<Account | null>;
  byId(userId: UserId): Promise<Account | null>;
  /** Account, vault, list, devices and session in one transaction. */
  create(
    account: NewAccount,
  ): Promise<
    { kind: 'created'; session: OpenedSession } | { kind: 'username-taken' | 'user-known' | 'device-taken' }
  >;
  /** Ends the sessions and packages of removed devices. `device-taken`: a new one is another user's. */
  appendDeviceList(change: DeviceListChange): Promise<Stored | { kind: 'list-conflict' | 'device-taken' }>;
  /** Auth keys, vault and list in one transaction. */
  replaceSecrets(
    change: SecretsChange,
  ): Promise<Stored | { kind: 'vault-conflict' | 'list-conflict' | 'device-taken' }>;
  /** Does nothing where the hash has changed meanwhile. */
  replaceHash(userId: UserId, change: { slot: VaultSlot; from: string; to: string }): Promise<void>;
  /** Null: no such living account, or its secret isn't the proven one any more. */
  delete(userId: UserId, proven: Proven): Promise<{ at: number; revoked: Revocation[] } | null>;
}

export interface Vaults {
  get(userId: UserId): Promise<StoredVault | null>;
  /** Compare-and-set. */
  replace(
    userId: UserId,
    change: { etag: string; bytes: Uint8Array },
  ): Promise<{ kind: 'stored'; etag: string } | { kind: 'stale' }>;
}

export interface NewestDeviceList {
  statement: Uint8Array;
  deleted: boolean;
}

export interface DeviceLists {
  /** Also of deleted accounts. Null: there never was such a user. */
  newest(userId: UserId): Promise<NewestDeviceList | null>;
  newestOf(userIds: readonly UserId[]): Promise<NewestDeviceList[]>;
  /** In order of their versions. */
  after(userId: UserId, range: { version: number; limit: number }): Promise<Uint8Array[]>;
}
