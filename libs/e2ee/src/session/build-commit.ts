import { limits, type ConversationState, type UserChange } from '@wisp/protocol';
import { judge } from './judge/judge.js';
import { rosterEntry } from './judge/roles.js';
import { makeCommit } from './make-commit.js';
import { planCommit } from './plan-commit.js';
import { openSession } from './session-data.js';
import type { BuildInput, BuildOutcome, Session } from './types.js';
import { viewOf } from './view-group.js';

/**
 * A commit of our own for an intent under the session's state, judged before it leaves as others will judge it. The
 * session goes on as it is until `adoptPending`: store the pending commit, then send it (protocol §4). Throws when the
 * session is a removed one's or corrupted.
 */
export async function buildCommit(session: Session, input: BuildInput): Promise<BuildOutcome> {
  const { mls, serverId } = openSession(session);
  const group = viewOf(mls);
  const { intent, now, lastCommitSeq, head } = input;
  const planning = await planCommit(intent, { group, serverId, now });
  if (planning.kind === 'refused') return planning;
  const { plan } = planning;
  if (plan.adds.length > limits.addsPerCommit) return { kind: 'refused', reason: 'limits' };
  // MLS lets nobody commit its own removal: leaving is a LeaveRequest (protocol §4).
  const own = mls.privatePath.leafIndex;
  if (plan.removes.some((leaf) => leaf.index === own)) return { kind: 'refused', reason: 'role-remove' };
  const users = userChanges(group.state, plan.state ?? group.state);
  const made = await makeCommit(mls, { group, plan, users, intent, serverId, lastCommitSeq, head });
  if (made === null) return { kind: 'refused', reason: 'limits' };
  const commit = {
    serverId,
    info: made.pending.commitInfo,
    committer: own,
    adds: made.filled,
    removes: plan.removes.map((leaf) => leaf.index),
    replacesContext: plan.state !== null,
    newestCommitSeq: lastCommitSeq,
  };
  const verdict = await judge(group, commit, made.after);
  return verdict.kind === 'refused' ? verdict : { kind: 'built', pending: made.pending };
}

/** `CommitInfo.users` of a change of the roster. */
function userChanges(before: ConversationState, after: ConversationState): UserChange[] {
  const moved = after.roster.filter((entry) => rosterEntry(before, entry.userId)?.role !== entry.role);
  const out = before.roster.filter((entry) => rosterEntry(after, entry.userId) === undefined);
  return [
    ...moved.map(({ userId, role }) => ({ userId, role })),
    ...out.map(({ userId }) => ({ userId, role: 0 as const })),
  ];
}
