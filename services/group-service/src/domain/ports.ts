import type {
  CommitId,
  ConversationId,
  ConversationKindName,
  DeviceId,
  RoleNumber,
  Seq,
  UserId,
} from '@wisp/protocol';
import type { CommitDelta } from './commit-delta.js';
import type { CurrentDeviceList } from './evidence.js';
import type { MemberTable } from './member-table.js';
import type { Caller, Projection } from './projection.js';

/** A commit that was found right; whether it is in the log, the log says. */
export interface PendingCommit {
  readonly conversation: ConversationId;
  readonly commitId: CommitId;
  readonly caller: Caller;
  readonly lastCommitSeq: Seq;
  readonly body: Uint8Array;
  /** SHA-256 of `body`. */
  readonly hash: Uint8Array;
  readonly delta: CommitDelta;
  readonly welcome: Uint8Array | null;
  /** Counts against the limits on commits. */
  readonly isLimited: boolean;
}

/** A commit that is in the log. */
export interface CommitRecord {
  readonly conversation: ConversationId;
  readonly commitId: CommitId;
  readonly caller: Caller;
  readonly hash: Uint8Array;
  readonly seq: Seq;
  readonly acceptedAt: number;
}

export type KnownCommit =
  | { readonly kind: 'appended'; readonly record: CommitRecord }
  | { readonly kind: 'pending'; readonly caller: Caller; readonly hash: Uint8Array };

export type ClaimOutcome =
  | { readonly kind: 'claimed' }
  /** The conversation isn't what the commit was judged by: judge again. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'conversation-exists' }
  /** The users have this conversation, or its first commit is on its way (`isOpen` false). */
  | { readonly kind: 'pair-taken'; readonly conversation: ConversationId; readonly isOpen: boolean }
  /** `retryAfter` in seconds. */
  | { readonly kind: 'rate-limited'; readonly retryAfter: number };

/** Conversations and the commits on their way. */
export interface CommitStore {
  /** Null where there is none or its first commit isn't known to be in the log. */
  readProjection(conversation: ConversationId): Promise<Projection | null>;
  hasPending(conversation: ConversationId): Promise<boolean>;
  findCommit(conversation: ConversationId, commitId: CommitId): Promise<KnownCommit | null>;
  /**
   * Makes it the one commit of its conversation that is on its way, if the projection is still the one by which it was
   * judged; with `create` the conversation and the claim on its pair of users come into being.
   */
  claim(commit: PendingCommit, judgedAt: Seq): Promise<ClaimOutcome>;
  readPending(conversation: ConversationId): Promise<PendingCommit | null>;
  /** Conversations whose pending commit was last tried a second ago or earlier; they count as tried from now on. */
  takeOverdue(limit: number): Promise<ConversationId[]>;
  /**
   * Moves the projection and releases the Welcome; what the log has lost, since it took a commit that doesn't follow it,
   * is forgotten. Null if that was done before.
   */
  apply(commit: PendingCommit, place: LogPlace): Promise<CommitRecord | null>;
  /** The log refused it: it is forgotten, and with `create` all of the conversation. */
  release(commit: PendingCommit): Promise<void>;
}

export interface LogPlace {
  readonly seq: Seq;
  readonly acceptedAt: number;
}

export type LogVerdict =
  | ({ readonly kind: 'appended' } & LogPlace)
  | { readonly kind: 'stale'; readonly newestCommitSeq: Seq }
  | { readonly kind: 'not-member' }
  | { readonly kind: 'conversation-exists' }
  | { readonly kind: 'device-known' }
  /** The log can't take it in this form, now or later. */
  | { readonly kind: 'invalid' }
  /** In doubt: asking again decides. */
  | { readonly kind: 'unavailable' };

/** message-service. */
export interface CommitLog {
  /** The same commitId again gets the first answer. */
  append(commit: PendingCommit): Promise<LogVerdict>;
  /** Null: it is away. */
  readMembers(conversation: ConversationId): Promise<MemberTable | null>;
}

export interface ClaimedPackage {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly ref: Uint8Array;
}

/** auth-service; null: it can't be reached. */
export interface Directory {
  readLists(users: readonly UserId[]): Promise<ReadonlyMap<UserId, CurrentDeviceList> | null>;
  /** The devices whose KeyPackage `claimer` claimed for this conversation. */
  readClaims(
    packages: readonly ClaimedPackage[],
    by: { claimer: UserId; conversation: ConversationId },
  ): Promise<ReadonlySet<DeviceId> | null>;
}

export type RequestKind = 'leave' | 'repair' | 'join';

export interface StoredRequest {
  readonly conversation: ConversationId;
  readonly kind: RequestKind;
  readonly caller: Caller;
  readonly statement: Uint8Array;
}

/** Signed statements that wait for a member's commit. */
export interface RequestStore {
  /**
   * Keeps it in place of the device's last one of this kind; a leave request ends the user's standing.
   * `too-soon`: the last one is younger than `everySeconds` and another.
   */
  put(
    request: StoredRequest,
    options: { everySeconds: number },
  ): Promise<{ readonly kind: 'stored' } | { readonly kind: 'too-soon'; readonly retryAfter: number }>;
  /** SHA-256 as base64url. */
  statementHashes(conversation: ConversationId): Promise<ReadonlySet<string>>;
  listFor(user: UserId): Promise<(StoredRequest & { readonly at: number })[]>;
}

/** A user who has left a conversation, at a place in its log. */
export interface Departure {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly newestCommitSeq: Seq;
}

export interface DepartureStore {
  /** Those that the log isn't known to have heard of: all, or of one user and conversation. */
  listUntold(of: { conversation: ConversationId; user: UserId } | { limit: number }): Promise<Departure[]>;
  /** Does nothing where the conversation has moved since: then the log has to be told again. */
  markTold(departure: Departure): Promise<void>;
}

/** message-service. Telling it twice does no harm. */
export interface DepartureLog {
  /** False: it is away. */
  leave(departure: Departure): Promise<boolean>;
}

export interface ConversationSummary {
  readonly conversation: ConversationId;
  readonly kind: ConversationKindName;
  readonly incarnation: number;
  readonly newestCommitSeq: Seq;
  readonly createdAt: number;
  readonly users: readonly { readonly userId: UserId; readonly role: RoleNumber }[];
}

/** A conversation that a user is in: who else is, and which of the user's devices. */
export interface UserMembership {
  readonly conversation: ConversationId;
  readonly users: readonly UserId[];
  readonly ownDevices: readonly DeviceId[];
}

export interface ConversationReader {
  listMemberships(user: UserId): Promise<UserMembership[]>;
  listFor(user: UserId): Promise<ConversationSummary[]>;
  /** Null where there is none or the user isn't in it. */
  find(conversation: ConversationId, user: UserId): Promise<ConversationSummary | null>;
}

export interface ReleasedWelcome {
  readonly id: string;
  readonly conversation: ConversationId;
  readonly commitId: CommitId;
  readonly seq: Seq;
  readonly hash: Uint8Array;
  readonly welcome: Uint8Array;
  readonly from: Caller;
}

export interface WelcomeStore {
  /** Oldest first, at most `count` or `bytes`, at least one. */
  listFor(caller: Caller, limits: { count: number; bytes: number }): Promise<ReleasedWelcome[]>;
  remove(welcome: string, caller: Caller): Promise<void>;
  count(device: DeviceId): Promise<number>;
}

export interface DeletedUsers {
  /** Remembers it and drops what waits for the user's devices. */
  mark(user: UserId, at: number): Promise<void>;
  includes(user: UserId): Promise<boolean>;
}

/** Doorbells to devices: whoever misses one asks at its next start or connect. */
export interface Notices {
  welcomesReleased(conversation: ConversationId, welcomed: CommitDelta['welcomed']): void;
  requestsStored(conversation: ConversationId, audience: readonly UserId[]): void;
  devicesChanged(user: UserId, audience: readonly UserId[]): void;
  deviceMissing(user: UserId, where: { conversation: ConversationId; audience: readonly UserId[] }): void;
}
