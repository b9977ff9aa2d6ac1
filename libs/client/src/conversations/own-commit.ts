import {
  buildCommit,
  decodePendingCommit,
  encodePendingCommit,
  type BuildOutcome,
  type Intent,
  type PendingCommit,
} from '@wisp/e2ee';
import {
  createConversation,
  createIncarnation,
  decodeBase64url,
  encodeBase64url,
  submitCommit,
  type ConversationId,
  type Problem,
} from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { announceConversation } from './announce.js';
import { isAstray } from './astray.js';
import type { Context } from './context.js';
import type { PendingRecord } from './records.js';
import type { Room } from './room.js';
import { soundSession } from './sound-session.js';

const MOST_ATTEMPTS = 5;

/** Our own commit for an intent: stored before it is sent; `submitPending` sends it, the walk adopts it. */
export async function proposeCommit(context: Context, room: Room, intent: Intent): Promise<void> {
  await soundSession(context, room);
  if (isAstray(room.record) || room.record.renewal !== null) throw new EngineError('held');
  const earlier = await context.store.pending(room.id);
  // One that never went out can be given up; one that did is decided by the log.
  if (earlier !== null && earlier.isSent) throw new EngineError('server-unavailable');
  const outcome = await build(context, room, intent);
  if (outcome.kind === 'refused') throw new EngineError('not-allowed');
  await storePending(context, room, { outcome, attempts: 0 });
}

async function build(context: Context, room: Room, intent: Intent): Promise<BuildOutcome> {
  const session = await room.requireSession(context);
  const { record } = room;
  return buildCommit(session, {
    intent,
    now: context.time.now(),
    lastCommitSeq: record.lastCommitSeq,
    head: { seq: record.headSeq, hash: decodeBase64url(record.headHash) },
  });
}

async function storePending(
  context: Context,
  room: Room,
  built: { outcome: Extract<BuildOutcome, { kind: 'built' }>; attempts: number },
): Promise<void> {
  const record = pendingRecordOf(built.outcome.pending, { opens: null, attempts: built.attempts });
  await room.save(context, { changes: [context.store.putPending(room.id, record)] });
}

export function pendingRecordOf(
  pending: PendingCommit,
  how: Pick<PendingRecord, 'opens' | 'attempts'>,
): PendingRecord {
  return {
    pending: encodeBase64url(encodePendingCommit(pending)),
    bytes: encodeBase64url(pending.bytes),
    lastCommitSeq: pending.commitInfo.lastCommitSeq,
    isSent: false,
    ...how,
  };
}

/**
 * Another commit entry has made ours stale: the intent is judged again under the new state and built anew, or
 * dropped (protocol §4). The bytes are never used again.
 */
export async function rebuildPending(context: Context, room: Room, stale: PendingRecord): Promise<void> {
  const { intent } = decodePendingCommit(decodeBase64url(stale.pending));
  const mayTry = stale.opens === null && stale.attempts < MOST_ATTEMPTS;
  const outcome = mayTry ? await build(context, room, intent) : null;
  if (outcome?.kind === 'built')
    return storePending(context, room, { outcome, attempts: stale.attempts + 1 });
  await room.save(context, { changes: [context.store.removePending(room.id)] });
  await announceConversation(context, room);
}

export type Submission =
  | { kind: 'nothing' }
  /** It is in the log (`isIn`), or another commit is: fetch and let the walk decide. */
  | { kind: 'decided'; isIn: boolean }
  | { kind: 'direct-exists'; conversation: ConversationId }
  | { kind: 'refused'; problem: Problem }
  /** In doubt: the same bytes go again later; the server knows the commitId. */
  | { kind: 'later' };

/** Sends the stored pending commit; not within the serial. Sending it again is harmless. */
export async function submitPending(context: Context, room: Room): Promise<Submission> {
  const pending = await context.store.pending(room.id);
  // Out of step nothing goes on from here but a new beginning.
  if (pending === null || (isAstray(room.record) && pending.opens === null)) return { kind: 'nothing' };
  const { bytes, welcome } = decodePendingCommit(decodeBase64url(pending.pending));
  if (!pending.isSent && !(await markSent(context, room, pending))) return { kind: 'nothing' };
  const commit = encodeBase64url(bytes);
  const body = welcome === null ? { commit } : { commit, welcome: encodeBase64url(welcome) };
  const params = { id: room.id };
  const result =
    pending.opens === 'create'
      ? await context.http.call(createConversation, {
          body: { ...body, conversation: room.id, kind: room.record.kind },
        })
      : pending.opens === 'incarnation'
        ? await context.http.call(createIncarnation, { params, body })
        : await context.http.call(submitCommit, { params, body });
  if (result.kind === 'ok') return { kind: 'decided', isIn: true };
  if (result.kind === 'unreachable') return { kind: 'later' };
  return readProblem(result.problem);
}

/** From here on only the log decides. False: it was given up meanwhile, and must not go. */
function markSent(context: Context, room: Room, pending: PendingRecord): Promise<boolean> {
  return room.serial.run(async () => {
    const current = await context.store.pending(room.id);
    if (current?.bytes !== pending.bytes) return false;
    await room.save(context, { changes: [context.store.putPending(room.id, { ...pending, isSent: true })] });
    return true;
  });
}

function readProblem(problem: Problem): Submission {
  switch (problem.code) {
    case 'stale-commit':
    case 'incarnation-exists':
      return { kind: 'decided', isIn: false };
    case 'direct-exists':
      return problem.conversation === undefined
        ? { kind: 'refused', problem }
        : { kind: 'direct-exists', conversation: problem.conversation as ConversationId };
    case 'commit-refused':
    case 'forbidden':
    case 'malformed':
    case 'too-large':
    case 'conversation-exists':
      return { kind: 'refused', problem };
    default:
      return { kind: 'later' };
  }
}
