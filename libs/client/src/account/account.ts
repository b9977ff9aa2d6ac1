import type { DeviceId, ServerId, SessionAnswer, UserId, Username } from '@wisp/protocol';
import type { AccountView, StartView } from '../face.js';
import type { Change, Store } from '../store/store.js';

/** Who runs this engine, once its store is open. */
export interface Self {
  readonly view: AccountView;
  readonly serverId: ServerId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** Ed25519: signs leaves and the device's statements; lives in the store. */
  readonly signatureKey: { publicKey: Uint8Array; secretKey: Uint8Array };
  /** The MLS credential's identity bytes. */
  readonly certificate: Uint8Array;
  /** The own newest device list that this engine knows. */
  readonly deviceList: { version: number; hash: Uint8Array };
}

export type AccountEvent =
  | { type: 'startChanged'; start: StartView }
  | { type: 'devicesAdded'; devices: DeviceId[] }
  /** A new token: `realtimeUrl` and the server's clock stand in it. */
  | { type: 'sessionRenewed'; answer: SessionAnswer }
  /** The server has ended the session; the store is locked. */
  | { type: 'sessionEnded' };

/** Registration, sign-in and the life of the session. Commands reject with `EngineError`. */
export interface Account {
  on(listener: (event: AccountEvent) => void): () => void;
  start(): Promise<StartView>;
  /** The open store and its owner; null while nobody is signed in. */
  signedIn(): { self: Self; store: Store } | null;
  checkUsername(username: string): Promise<{ free: boolean }>;
  register(input: { username: string; password: string }): Promise<{ words: string[] }>;
  /** The words once more, until they are proven. */
  recoveryWords(): Promise<{ words: string[] }>;
  recoveryQuestions(): Promise<number[]>;
  proveRecoveryKey(answers: { index: number; word: string }[]): Promise<void>;
  signIn(input: {
    username: string;
    secret: { kind: 'password' | 'recovery'; text: string };
  }): Promise<AccountView>;
  signOut(input: { store: 'keep' | 'erase' }): Promise<void>;
  deleteAccount(input: { password: string }): Promise<void>;
  /** Once after each connect: own device list, stock of KeyPackages. Never throws for network trouble. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** A user as this device knows them: pinned by their first device list, moved only over the signed chain. */
export interface Contact {
  userId: UserId;
  username: Username;
  identityKey: Uint8Array;
  listVersion: number;
  /** SHA-256 of the newest list's statement. */
  listHash: Uint8Array;
  /** The safety number was compared. */
  verified: boolean;
  deletedAccount: boolean;
  /** Another user had this username before and this device knew them ("started over"). */
  replaces: UserId | null;
}

export type LookUp<Found> =
  | { kind: 'found'; value: Found }
  | { kind: 'no-such-user' }
  | { kind: 'unreachable' }
  /** The server's answer breaks the rules of device lists; nothing was adopted. */
  | { kind: 'refused'; reason: string };

export interface Contacts {
  /** What stands in the store. */
  get(userId: UserId): Promise<Contact | null>;
  all(): Promise<Contact[]>;
  /** Exact match; checks and pins. */
  find(username: Username): Promise<LookUp<Contact>>;
  /** Asks for newer device lists and checks the chain; `atLeast`: only if this device's is older. */
  update(userId: UserId, atLeast?: number): Promise<LookUp<Contact>>;
  /** The statement of a version that this device has checked, or null. */
  deviceList(userId: UserId, version: number): Promise<Uint8Array | null>;
  setVerified(userId: UserId, verified: boolean): Promise<void>;
  /** 60 digits of both identity keys. */
  safetyNumber(userId: UserId): Promise<string>;
}

/** The secrets of the KeyPackages that this device has published. */
export interface KeyPackages {
  /** By KeyPackageRef; null: spent, expired or never ours. The bytes are e2ee's encoding of the private package. */
  secret(
    ref: Uint8Array,
  ): Promise<{ keyPackage: Uint8Array; secret: Uint8Array; lastResort: boolean } | null>;
  /** For the commit that stores a join: a one-time package's secret goes; a last-resort one's stays. */
  spend(ref: Uint8Array): Promise<Change[]>;
  /** Brings the stock to (conversations + 20) and the last-resort one to less than a week of age. */
  replenish(input: { conversations: number }): Promise<void>;
}
