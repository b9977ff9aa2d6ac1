import type { CommitId, ConversationId, DeviceId, RoleNumber, Seq, UserId, TimerMode } from '@wisp/protocol';

/** Who calls, by the token: the member row must name both. */
export interface Caller {
  readonly user: UserId;
  readonly device: DeviceId;
}

/** A message as its authenticated data describes it (protocol §5). */
export interface NewMessage extends Caller {
  readonly conversation: ConversationId;
  readonly n: number;
  readonly lastCommitSeq: Seq;
  readonly mode: TimerMode;
  /** Seconds; 0 with mode `none`. */
  readonly ttl: number;
  readonly body: Uint8Array;
}

export type AppendVerdict =
  | {
      readonly kind: 'stored';
      readonly seq: Seq;
      readonly acceptedAt: number;
      readonly expiresAt: number | undefined;
      readonly newestCommitSeq: Seq;
    }
  | { readonly kind: 'duplicate'; readonly newestCommitSeq: Seq; readonly head: Seq }
  | { readonly kind: 'stale' | 'gap'; readonly newestCommitSeq: Seq }
  | { readonly kind: 'not-member' }
  /** The database refuses the row itself. */
  | { readonly kind: 'malformed' }
  /** In doubt: a retry decides. */
  | { readonly kind: 'unavailable' };

export interface AppendedBatch {
  /** Of the log database when it answered; the newest known where it didn't. */
  readonly timeline: number;
  /** One for each message, in their order. */
  readonly verdicts: readonly AppendVerdict[];
}

export interface NewMember extends Caller {
  readonly role: RoleNumber;
}

export interface NewCommit extends Caller {
  readonly conversation: ConversationId;
  readonly commitId: CommitId;
  readonly lastCommitSeq: Seq;
  readonly body: Uint8Array;
  /** The conversation itself, or its next incarnation. */
  readonly opens: 'nothing' | 'conversation' | 'incarnation';
  readonly creatorRole: RoleNumber;
  readonly adds: readonly NewMember[];
  readonly removes: readonly DeviceId[];
  readonly roles: readonly { readonly user: UserId; readonly role: RoleNumber }[];
  readonly readmit: readonly DeviceId[];
}

export type CommitVerdict =
  | { readonly kind: 'stored'; readonly seq: Seq; readonly acceptedAt: number; readonly timeline: number }
  /** Stored before under this commitId: the first answer. */
  | {
      readonly kind: 'known';
      readonly seq: Seq;
      readonly acceptedAt: number;
      readonly newestCommitSeq: Seq;
      readonly head: Seq;
      readonly timeline: number;
    }
  | { readonly kind: 'stale'; readonly newestCommitSeq: Seq }
  | { readonly kind: 'not-member' }
  | { readonly kind: 'conversation-exists' }
  | { readonly kind: 'device-known' }
  | { readonly kind: 'unavailable' };

/** A conversation and the seqs that are gone from it. */
export interface Gone {
  readonly conversation: ConversationId;
  readonly newestCommitSeq: Seq;
  readonly seqs: readonly Seq[];
}

export type DeletionVerdict =
  | { readonly kind: 'deleted'; readonly gone: Gone; readonly timeline: number }
  | { readonly kind: 'forbidden' };

export interface Mark extends Caller {
  readonly conversation: ConversationId;
  readonly seq: Seq;
}

export interface MovedMarks {
  readonly timeline: number;
  readonly moved: readonly (Mark & { readonly newestCommitSeq: Seq })[];
  /** Their rows were locked: send them again. */
  readonly busy: readonly Mark[];
}

/** Memberships that ended without a commit. */
export interface EndedMemberships {
  readonly timeline: number;
  readonly conversations: readonly {
    readonly conversation: ConversationId;
    readonly newestCommitSeq: Seq;
    readonly devices: readonly DeviceId[];
  }[];
}
