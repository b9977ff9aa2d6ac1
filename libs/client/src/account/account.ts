import type { KeyPackageBundle } from '@wisp/e2ee';
import type { DeviceId, IdentityKey, ServerId, SessionAnswer, UserId, Username } from '@wisp/protocol';
import type { AccountView, StartView } from '../face.js';
import type { Change, Store } from '../store/store.js';

/** Who runs this engine, once its store is open. Also e2ee's `OwnDevice`. */
export interface Self {
  readonly view: AccountView;
  readonly serverId: ServerId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** Ed25519: signs leaves and the device's statements; lives in the store. `secretKey` is the seed. */
  readonly signatureKey: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** The MLS credential's identity bytes. */
  readonly certificate: Uint8Array;
  /** The own newest device list that this engine knows; it moves. */
  readonly deviceList: { readonly version: number; readonly hash: Uint8Array };
}

/** An engine whose owner is signed in. */
export interface SignedIn {
  readonly self: Self;
  readonly store: Store;
  readonly contacts: Contacts;
  readonly keyPackages: KeyPackages;
}

export type AccountEvent =
  | { type: 'startChanged'; start: StartView }
  | { type: 'devicesAdded'; devices: DeviceId[] }
  /** The server answered a device list of the own user that breaks the chain. */
  | { type: 'ownListRefused'; reason: string }
  /** The server's vault of the own user is damaged, or older than one that this device has seen. */
  | { type: 'ownVaultRefused'; reason: string }
  /** A new token: the server's clock stands in it. */
  | { type: 'sessionRenewed'; answer: SessionAnswer }
  /** `signedIn()` is about to become null: stop what works with its store. */
  | { type: 'leaving' };

/** Registration, sign-in and the life of the session. Commands reject with `EngineError`. */
export interface Account {
  on(listener: (event: AccountEvent) => void): () => void;
  start(): Promise<StartView>;
  signedIn(): SignedIn | null;
  checkUsername(username: string): Promise<{ free: boolean }>;
  register(input: { username: string; password: string }): Promise<{ words: string[] }>;
  /** The words once more, until they are proven. */
  recoveryWords(): Promise<{ words: string[] }>;
  /** Four indices, the same ones until they are answered. */
  recoveryQuestions(): Promise<number[]>;
  proveRecoveryKey(answers: { index: number; word: string }[]): Promise<void>;
  signIn(input: {
    username: string;
    secret: { kind: 'password' | 'recovery'; text: string };
  }): Promise<AccountView>;
  signOut(input: { store: 'keep' | 'erase' }): Promise<void>;
  deleteAccount(input: { password: string }): Promise<void>;
  /**
   * After each connect, and on a `devices` frame for the own user: the own device list, the stock of KeyPackages, the
   * vault's `keep`.
   * What the network spoils is done at the next one.
   */
  refresh(input: { conversations: number }): Promise<void>;
  close(): Promise<void>;
}

/** A user as this device knows them: pinned by their first device list, moved only over the signed chain. */
export interface Contact {
  userId: UserId;
  username: Username;
  identityKey: IdentityKey;
  listVersion: number;
  /** SHA-256 of the newest list's statement. */
  listHash: Uint8Array;
  /** The safety number was compared. */
  verified: boolean;
  deletedAccount: boolean;
  /** The user who had this username before, where this device knew them ("started over"). */
  replaces: UserId | null;
}

export type LookUp<Found> =
  | { kind: 'found'; value: Found }
  | { kind: 'no-such-user' }
  | { kind: 'unreachable' }
  /** The server's answer breaks the rules of device lists; nothing was adopted. */
  | { kind: 'refused'; reason: string };

export interface Contacts {
  /** What stands in the store; the own user too. */
  get(userId: UserId): Promise<Contact | null>;
  /** Without the own user. */
  all(): Promise<Contact[]>;
  /** Exact match; checks and pins. */
  find(username: Username): Promise<LookUp<Contact>>;
  /** Asks for newer device lists and checks the chain; with `atLeast` only if this device's is older. */
  update(userId: UserId, atLeast?: number): Promise<LookUp<Contact>>;
  /** The statement of a version that this device has checked, or null. */
  deviceList(userId: UserId, version: number): Promise<Uint8Array | null>;
  setVerified(userId: UserId, verified: boolean): Promise<void>;
  /** 60 digits of both identity keys; null for somebody whom this device doesn't know. */
  safetyNumber(userId: UserId): Promise<string | null>;
}

export interface OwnKeyPackage extends KeyPackageBundle {
  readonly lastResort: boolean;
}

/** The KeyPackages that this device has published, with their secrets. */
export interface KeyPackages {
  /** By KeyPackageRef; null: spent, expired or never ours. */
  secret(ref: Uint8Array): Promise<OwnKeyPackage | null>;
  /** One more, stored and not published: it travels in a RepairRequest. */
  makeForRepair(): Promise<Uint8Array>;
  /** For the commit that stores a join: a one-time package goes, a last-resort one stays. */
  spend(ref: Uint8Array): Promise<Change[]>;
  /** Brings the stock to (conversations + 20) and the last-resort one to less than a week of age. */
  replenish(input: { conversations: number }): Promise<void>;
}
