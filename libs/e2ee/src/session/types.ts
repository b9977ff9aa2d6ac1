import type {
  CommitId,
  CommitInfo,
  ConversationId,
  ConversationKindName,
  ConversationLink,
  ConversationSettings,
  ConversationState,
  DeviceId,
  LogHead,
  MessageBody,
  MessageHeader,
  RoleNumber,
  Seq,
  ServerId,
  UserId,
} from '@wisp/protocol';
import type {
  BuildRefusal,
  DamageReason,
  JudgeRefusal,
  KeyPackageRefusal,
  MessageRefusal,
  SkipReason,
  WelcomeRefusal,
} from './reasons.js';

/*
 * The session API: what engines do with MLS groups. Every value is immutable and every function pure but for
 * randomness; times come in as milliseconds since 1970, bytes are `Uint8Array`, epochs are numbers.
 * Expected outcomes are tagged values; a thrown error is a fault of the caller or of the store.
 */

/** The device that speaks: made at registration, kept in the device's store. */
export interface OwnDevice {
  readonly serverId: ServerId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** Ed25519: 32 bytes of public key, 32 bytes of seed (RFC 8032). */
  readonly signatureKey: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** The encoded device certificate: the MLS credential's identity. */
  readonly certificate: Uint8Array;
}

/** A device list whose signature and chain `identity/` has verified. */
export interface ListedDevices {
  readonly userId: UserId;
  readonly version: number;
  /** SHA-256 of the statement. */
  readonly hash: Uint8Array;
  /** The statement's bytes as they came. */
  readonly statement: Uint8Array;
  readonly devices: readonly { readonly deviceId: DeviceId; readonly signatureKey: Uint8Array }[];
}

export interface KeyPackageBundle {
  /** A KeyPackage (RFC 9420 §10, encoded). */
  readonly keyPackage: Uint8Array;
  /** KeyPackageRef (RFC 9420 §5.2), 48 bytes. */
  readonly ref: Uint8Array;
  /** Private keys; seal them, and delete them after the join (a last-resort one's: when it is replaced). */
  readonly secrets: Uint8Array;
  readonly notAfter: number;
}

declare const sessionMark: unique symbol;
/** One device's state of one MLS group. Opaque: look at it with `viewGroup`, store it with `encodeSession`. */
export interface Session {
  readonly [sessionMark]: true;
}

/** A leaf of the tree: one device in the group. */
export interface Leaf {
  readonly index: number;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly signatureKey: Uint8Array;
  /** SHA-256 of the encoded LeafNode (RFC 9420 §7.2): names this leaf in a RepairRequest. */
  readonly hash: Uint8Array;
}

/** What is public within a group at one epoch. */
export interface GroupView {
  readonly groupId: Uint8Array;
  readonly epoch: number;
  /** The confirmed transcript hash (RFC 9420 §8.2): what a next incarnation names as its parent. */
  readonly transcriptHash: Uint8Array;
  readonly state: ConversationState;
  /** By index; blank leaves are left out. */
  readonly leaves: readonly Leaf[];
}

export interface OwnView extends GroupView {
  readonly own: Leaf;
  /** Equal on all members of an epoch (RFC 9420 §8.7). */
  readonly epochAuthenticator: Uint8Array;
  /** The generation that the next own message takes. */
  readonly nextGeneration: number;
}

/** Somebody who is to stand in a conversation. */
export interface Person {
  readonly userId: UserId;
  readonly role: RoleNumber;
  readonly deviceList: ListedDevices;
}

/** What a commit is for. It is kept with the pending commit, so that a stale one can be judged and built again. */
export type Intent =
  /** The first commit of an incarnation; it is never built again: the conversation exists or it doesn't. */
  | { readonly kind: 'begin' }
  /** Post-compromise security: an empty commit. */
  | { readonly kind: 'self-update' }
  | { readonly kind: 'settings'; readonly change: Partial<ConversationSettings> }
  | { readonly kind: 'bans'; readonly banned: readonly UserId[] }
  | { readonly kind: 'links'; readonly links: readonly ConversationLink[] }
  | {
      readonly kind: 'add';
      readonly people: readonly Person[];
      readonly keyPackages: readonly Uint8Array[];
      /** JoinRequests of people who came by an invite link. */
      readonly joinRequests?: readonly Uint8Array[];
    }
  | { readonly kind: 'remove'; readonly users: readonly UserId[] }
  | {
      readonly kind: 'roles';
      readonly roles: readonly { readonly userId: UserId; readonly role: RoleNumber }[];
    }
  /** Adds the devices that the lists name and the tree lacks, removes those that the lists lack. */
  | {
      readonly kind: 'devices';
      readonly lists: readonly ListedDevices[];
      readonly keyPackages: readonly Uint8Array[];
    }
  /** The RepairRequest carries its KeyPackage. */
  | { readonly kind: 'repair'; readonly request: Uint8Array }
  | { readonly kind: 'leave'; readonly requests: readonly Uint8Array[] };

/** Our own commit: stored before it is sent, adopted when the log returns exactly these bytes. */
export interface PendingCommit {
  readonly commitId: CommitId;
  readonly commitInfo: CommitInfo;
  /** An MLSMessage of wire format mls_private_message. */
  readonly bytes: Uint8Array;
  /** An MLSMessage of wire format mls_welcome, where somebody is added. */
  readonly welcome: Uint8Array | null;
  readonly intent: Intent;
  /** The group after the commit; `adoptPending` makes it the current one. */
  readonly newSession: Session;
}

/** What a commit's place in the log says. */
export interface CommitEntry {
  readonly seq: Seq;
  /** Server time of the entry. */
  readonly acceptedAt: number;
  /** The newest commit entry before this one, valid or not; 0 when there is none. */
  readonly newestCommitSeq: Seq;
}

export interface DeviceRef {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
}

/** What an applied commit changed. */
export interface Transition {
  readonly committer: DeviceRef;
  readonly commitInfo: CommitInfo;
  readonly before: GroupView;
  readonly after: GroupView;
}

export type CommitOutcome =
  | { readonly kind: 'applied'; readonly session: Session; readonly transition: Transition }
  /** Valid, and it removed this device: the session has ended. */
  | { readonly kind: 'removed'; readonly transition: Transition }
  /** Publicly invalid: every engine skips it. The given session stays as it was. */
  | { readonly kind: 'skipped'; readonly reason: SkipReason | JudgeRefusal }
  /** Privately invalid: this engine freezes here and asks for repair. */
  | { readonly kind: 'damaged'; readonly reason: DamageReason };

export type BuildOutcome =
  | { readonly kind: 'built'; readonly pending: PendingCommit }
  | { readonly kind: 'refused'; readonly reason: BuildRefusal };

export interface SealedMessage {
  /** Store it together with `bytes`, before `bytes` are sent. */
  readonly session: Session;
  /** An MLSMessage of wire format mls_private_message. */
  readonly bytes: Uint8Array;
  readonly header: MessageHeader;
}

/** `gen` is the session's to give. */
export type HeaderInput = Omit<MessageHeader, 'gen'>;

export interface MessageEntry {
  /** The uploader, by the server's word. */
  readonly uploader: DeviceId;
  /** The newest `n` that was accepted of the uploader in this incarnation; 0 when there is none. */
  readonly lastN: number;
}

export type MessageOutcome =
  | {
      readonly kind: 'opened';
      readonly author: DeviceRef;
      /** The epoch that it was sealed in. */
      readonly epoch: number;
      readonly header: MessageHeader;
      readonly body: MessageBody;
      readonly session: Session;
    }
  /** It breaks a rule; nothing was adopted. To be shown, attributed to the uploader. */
  | { readonly kind: 'refused'; readonly reason: MessageRefusal }
  | {
      readonly kind: 'undecryptable';
      /**
       * `key-gone`: this generation's key was used or dropped. `epoch-gone`: the epoch's keys have been forgotten,
       * or this device hadn't joined. `future-epoch`: a commit is missing. `not-ours`: another group's.
       */
      readonly reason: 'key-gone' | 'epoch-gone' | 'future-epoch' | 'not-ours' | 'malformed';
    };

/** What `createKeyPackage` gave, as it was stored. */
export type StoredKeyPackage = Pick<KeyPackageBundle, 'keyPackage' | 'secrets'>;

/** A Welcome that decrypts and whose tree verifies; nobody's word has been taken yet. */
export interface ReadWelcome {
  readonly group: OwnView;
  /** The signer of the Welcome's GroupInfo. */
  readonly adder: DeviceRef;
  /** The KeyPackage that it used: delete its secrets after the join, unless it was the last-resort one. */
  readonly keyPackageRef: Uint8Array;
  readonly lastResort: boolean;
  /** Whose device lists `admitWelcome` needs, at which version and hash. */
  readonly wantedLists: readonly {
    readonly userId: UserId;
    readonly version: number;
    readonly hash: Uint8Array;
  }[];
  readonly session: Session;
}

/** What this engine knows of the conversation that a Welcome is said to be for. */
export interface WelcomeExpectation {
  readonly conversationId: ConversationId;
  /** Every group of this conversation that this engine has ever been in, with its highest known epoch. */
  readonly knownGroups: readonly {
    readonly groupId: Uint8Array;
    readonly epoch: number;
    /** Of that epoch, where it is still known: a next incarnation has to name it as its parent. */
    readonly transcriptHash?: Uint8Array;
  }[];
  /** The newest state that this engine holds of an earlier incarnation or epoch, if any. */
  readonly previous?: { readonly state: ConversationState; readonly removedUsers: readonly UserId[] };
  /** The other one of a direct conversation, where it is known beforehand. */
  readonly peer?: UserId;
  readonly kind?: ConversationKindName;
}

export type WelcomeRead =
  | { readonly kind: 'read'; readonly read: ReadWelcome }
  | { readonly kind: 'refused'; readonly reason: WelcomeRefusal };

export type WelcomeOutcome =
  | { readonly kind: 'admitted'; readonly session: Session }
  | { readonly kind: 'refused'; readonly reason: WelcomeRefusal };

/** A session as it is stored. `tree` changes with the epoch only: write it when `treeId` does. */
export interface EncodedSession {
  readonly treeId: string;
  readonly tree: Uint8Array;
  /** Secrets: seal it. Small; written with each message. */
  readonly rest: Uint8Array;
}

export interface BeginInput {
  readonly me: OwnDevice;
  readonly now: number;
  readonly conversationId: ConversationId;
  /** From 1. */
  readonly incarnation: number;
  readonly kind: ConversationKindName;
  /** Everybody, the creator's own user included. */
  readonly people: readonly Person[];
  /** One for each listed device but the creator's own. */
  readonly keyPackages: readonly Uint8Array[];
  readonly settings: ConversationSettings;
  /** The newest epoch that this device knows of the group that this incarnation follows, if any. */
  readonly follows?: Pick<GroupView, 'groupId' | 'epoch' | 'transcriptHash' | 'state'>;
  /** 0 and {0, zeros} for a conversation's very first commit. */
  readonly lastCommitSeq: Seq;
  readonly head: LogHead;
}

export interface BuildInput {
  readonly intent: Intent;
  readonly now: number;
  /** The newest commit entry that this engine has walked, valid or not. */
  readonly lastCommitSeq: Seq;
  readonly head: LogHead;
}

export type KeyPackageCheck =
  | {
      readonly kind: 'ok';
      readonly userId: UserId;
      readonly deviceId: DeviceId;
      readonly ref: Uint8Array;
      readonly notAfter: number;
    }
  | { readonly kind: 'refused'; readonly reason: KeyPackageRefusal };
