/** Why every engine skips a commit before its content is judged (protocol §4). */
export type SkipReason =
  /** Not an MLSMessage, not in its one encoding, or longer than a commit may be. */
  | 'malformed'
  /** Anything but an mls_private_message. */
  | 'framing'
  /** A private message that holds no commit: an application message or a standalone proposal. */
  | 'not-a-commit'
  /** Of another group. */
  | 'other-group'
  /** Not of the current epoch. */
  | 'other-epoch'
  /** Its authenticated data isn't a CommitInfo. */
  | 'commit-info-malformed'
  /** The sender's leaf is blank, or the ciphertext opens with no key of the group. */
  | 'unreadable'
  /** The signature is not the sender's. */
  | 'signature'
  /** A proposal by reference. */
  | 'proposal-reference'
  /** Any proposal but Add, Remove, GroupContextExtensions. */
  | 'proposal-type'
  /** MLS itself forbids it (RFC 9420 §12). */
  | 'mls-rules'
  /** The update path is missing, has the wrong shape, or doesn't match its tree. */
  | 'update-path';

/** Why `judge` refuses a commit; all engines alike. */
export type JudgeRefusal =
  | 'stale-commit-seq'
  | 'info-conversation'
  | 'info-incarnation'
  | 'info-kind'
  | 'info-adds'
  | 'info-removes'
  | 'info-users'
  | 'info-members'
  | 'extensions'
  | 'state-malformed'
  | 'state-identity'
  | 'state-parent'
  | 'state-version'
  | 'state-since'
  | 'capabilities'
  | 'leaf-changed'
  | 'leaf-credential'
  | 'leaf-certificate'
  | 'leaf-extensions'
  | 'key-package'
  | 'duplicate-device'
  | 'leaf-without-user'
  | 'banned-user'
  | 'direct-people'
  | 'self-people'
  | 'no-owner'
  | 'role-add'
  | 'role-remove'
  | 'role-change'
  | 'role-settings'
  | 'device-evidence'
  | 'device-list-version'
  | 'device-unlisted'
  | 'device-left-behind'
  | 'leave-evidence'
  | 'repair-evidence'
  | 'join-evidence'
  | 'evidence-signature'
  | 'evidence-unused'
  | 'limits';

/** Why an intent makes no commit under the current state. */
export type BuildRefusal =
  | JudgeRefusal
  /** The state is already as it was wished. */
  | 'nothing-to-do';

/** Why this engine alone can't apply a commit that others may. */
export type DamageReason =
  /** The path secret for this device doesn't open, or contradicts the public keys. */
  | 'path-secret'
  /** This device derives another epoch than the committer. */
  | 'confirmation-tag'
  /** A commit of this very device that it doesn't know: its store was rolled back. */
  | 'own-unknown';

/** Why a message is refused though its keys may be at hand (protocol §5). */
export type MessageRefusal =
  | 'header-malformed'
  | 'generation'
  | 'uploader'
  | 'counter'
  | 'signature'
  | 'body-malformed'
  | 'not-a-message';

/** Why a Welcome is refused (protocol §4, Joining). */
export type WelcomeRefusal =
  | 'malformed'
  | 'no-key-package'
  | 'unreadable'
  | 'mls-rules'
  | 'suite'
  | 'extensions'
  | 'state-malformed'
  | 'conversation'
  | 'kind'
  | 'incarnation'
  | 'epoch'
  | 'signer'
  | 'signer-may-not-add'
  | 'leaf-certificate'
  | 'leaf-without-user'
  | 'capabilities'
  | 'duplicate-device'
  | 'device-list-missing'
  | 'device-list-version'
  | 'device-unlisted'
  | 'direct-people'
  | 'self-people'
  | 'no-owner'
  | 'path-secret'
  | 'previous-roster'
  | 'limits';

/** Why a fetched KeyPackage isn't to be used. */
export type KeyPackageRefusal =
  | 'malformed'
  | 'suite'
  | 'signature'
  | 'certificate'
  | 'user'
  | 'device-unlisted'
  | 'capabilities'
  | 'extensions'
  | 'lifetime';
