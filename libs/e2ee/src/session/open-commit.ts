import { emptyPskIndex, processPrivateMessage, type ClientState, type IncomingMessageCallback } from 'ts-mls';
import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { CryptoVerificationError } from 'ts-mls/mlsError.js';
import { equalBytes } from '@wisp/protocol';
import { loadSuite } from '../mls/suite.js';
import { judge } from './judge/judge.js';
import { enterEpoch } from './past-epochs.js';
import { readCommit, type PublicCommit } from './read-commit.js';
import type { DamageReason } from './reasons.js';
import { openSession, sealSession, type SessionData } from './session-data.js';
import type { CommitEntry, CommitOutcome, DeviceRef, Session, Transition } from './types.js';
import { viewOf } from './view-group.js';

/**
 * The verdict on a commit entry of the log and, where it is valid, the session after it (protocol §4). First whatever all
 * members compute alike, the judgement included; then this device's own secrets. The given session stays as it was.
 */
export async function openCommit(
  session: Session,
  bytes: Uint8Array,
  entry: CommitEntry,
): Promise<CommitOutcome> {
  const data = openSession(session);
  const reading = await readCommit(data, bytes);
  if (reading.kind === 'skipped') return reading;
  const { commit } = reading;
  const before = viewOf(data.mls);
  const { info, committer, adds, removes, replacesContext } = commit;
  const { serverId } = data;
  const { newestCommitSeq } = entry;
  const judged = { serverId, info, committer, adds, removes, replacesContext, newestCommitSeq };
  const verdict = await judge(before, judged, commit.after);
  if (verdict.kind === 'refused') return { kind: 'skipped', reason: verdict.reason };
  const transition: Transition = {
    committer: deviceAt(before.leaves, committer),
    commitInfo: info,
    before,
    after: commit.after,
  };
  const own = data.mls.privatePath.leafIndex;
  if (committer === own) return { kind: 'damaged', reason: 'own-unknown' };
  if (removes.includes(own)) return { kind: 'removed', transition };
  const followed = await follow(data, commit);
  if (followed.kind === 'damaged') return followed;
  const change = { before: data, at: entry.acceptedAt, forgets: removes.length > 0 };
  return { kind: 'applied', session: sealSession(enterEpoch(followed.state, change)), transition };
}

function deviceAt(leaves: Transition['before']['leaves'], index: number): DeviceRef {
  const leaf = leaves.find((each) => each.index === index);
  if (leaf === undefined) throw new Error('a judged commit without a committer');
  return { userId: leaf.userId, deviceId: leaf.deviceId };
}

type Following =
  | { readonly kind: 'followed'; readonly state: ClientState }
  | { readonly kind: 'damaged'; readonly reason: DamageReason };

/** The private half (RFC 9420 §12.4.2): the path secret for this device and the confirmation tag. */
async function follow({ mls }: SessionData, commit: PublicCommit): Promise<Following> {
  const damaged = (reason: DamageReason): Following => ({ kind: 'damaged', reason });
  try {
    const { message, committer } = commit;
    const policy = onlyFrom(committer);
    const result = await processPrivateMessage(mls, message, emptyPskIndex, await loadSuite(), policy);
    if (result.kind !== 'newState' || result.actionTaken !== 'accept') return damaged('path-secret');
    const same = equalBytes(
      encodeGroupContext(result.newState.groupContext),
      encodeGroupContext(commit.context),
    );
    return same ? { kind: 'followed', state: result.newState } : damaged('confirmation-tag');
  } catch (error) {
    // All that is public has passed; what fails now is this device's own, of whatever class the library throws it.
    const tag = error instanceof CryptoVerificationError && error.message.includes('confirmation tag');
    return damaged(tag ? 'confirmation-tag' : 'path-secret');
  }
}

/**
 * The library's own gate, a second time: it must answer at once, since a promise counts as "accept". Without a member as
 * its sender a commit is an external one; proposals of others never stand in a commit of ours.
 */
function onlyFrom(committer: number): IncomingMessageCallback {
  return (incoming) =>
    incoming.kind === 'commit' &&
    incoming.senderLeafIndex === committer &&
    incoming.proposals.every((each) => each.senderLeafIndex === committer)
      ? 'accept'
      : 'reject';
}
