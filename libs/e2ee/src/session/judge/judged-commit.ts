import type { CommitInfo, Seq, ServerId } from '@wisp/protocol';

/** An Add proposal and the leaf that it filled. */
export interface FilledLeaf {
  readonly index: number;
  readonly keyPackageRef: Uint8Array;
  /** Encoded (RFC 9420 §10). */
  readonly keyPackage: Uint8Array;
}

/** What is known of a commit beside both groups. */
export interface JudgedCommit {
  readonly serverId: ServerId;
  readonly info: CommitInfo;
  /** The committer's leaf. */
  readonly committer: number;
  readonly adds: readonly FilledLeaf[];
  /** Leaves of the group before. */
  readonly removes: readonly number[];
  /** There is a GroupContextExtensions proposal. */
  readonly replacesContext: boolean;
  /** The newest commit entry of the log before this one, valid or not. */
  readonly newestCommitSeq: Seq;
}
