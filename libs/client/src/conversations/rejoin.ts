import { viewGroup, type ReadWelcome } from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, type listWelcomes, type ResponseOf } from '@wisp/protocol';
import { announceMessages } from './announce.js';
import { isAstray } from './astray.js';
import type { Context } from './context.js';
import { enterGroup } from './enter-group.js';
import { sameBytes } from './integrity.js';
import { proposeCommit, rebuildPending } from './own-commit.js';
import type { ConversationRecord, PendingRecord } from './records.js';
import type { Room } from './room.js';
import { sayQuietly } from './speak.js';
import { knownEpoch } from './standing.js';

type WaitingWelcome = ResponseOf<typeof listWelcomes>['welcomes'][number];

export type Readiness = 'ready' | 'later' | 'refused';

/**
 * Whether a Welcome may lead this device on in a conversation that it is in: into its own group only when it is out of
 * step, into another one only as a next incarnation, which `admitWelcome` judges. Everything before it is read first.
 */
export function judgeReadiness(
  record: ConversationRecord,
  waiting: { seq: number; groupId: string },
): Readiness {
  if (record.state !== 'joined') return 'refused';
  if (record.standing?.groupId === waiting.groupId && !isAstray(record)) return 'refused';
  return record.cursor < waiting.seq ? 'later' : 'ready';
}

/** Goes on by an admitted Welcome: from its entry on, the log is read again. Call it within the serial. */
export async function rejoin(
  context: Context,
  room: Room,
  welcome: { waiting: WaitingWelcome; read: ReadWelcome; session: ReadWelcome['session'] },
): Promise<boolean> {
  const { waiting, read, session } = welcome;
  const { seq } = waiting;
  const hash = decodeBase64url(waiting.hash);
  const held = await context.store.heldHash(room.id, seq);
  // The log holds another entry at that place.
  if (held !== null && !sameBytes(held, hash)) return false;
  const before = room.record;
  const timer = timerToRestore(before, session);
  const acceptedAt = context.time.now();
  const effect = await enterGroup(context, room, { session, seq, acceptedAt });
  await room.save(context, {
    record: {
      ...effect.record,
      cursor: seq,
      headSeq: seq,
      headHash: encodeBase64url(hash),
      lastCommitSeq: seq,
      rewalkTo: before.cursor,
    },
    session,
    changes: [
      ...effect.changes,
      ...(await context.keyPackages.spend(read.keyPackageRef)),
      context.store.putHash(room.id, { seq, hash }),
    ],
  });
  // It exposes a server that lied about where the log stands (protocol §4, Joining).
  await sayQuietly(context, room, { say: { type: 'joined' }, about: null });
  const pending = await context.store.pending(room.id);
  const mayFollow = pending !== null && mayStillFollow(pending, seq);
  if (pending !== null && !mayFollow) await rebuildPending(context, room, pending);
  if (timer !== null && !mayFollow)
    await proposeCommit(context, room, { kind: 'settings', change: { timer } });
  await announceMessages(context, room, effect.shown);
  return true;
}

/**
 * A next incarnation of our own that was made after the entry of this Welcome, and sent: the log may take it, and then only
 * this device can go on in it.
 */
export function mayStillFollow(
  { opens, isSent, lastCommitSeq }: Pick<PendingRecord, 'opens' | 'isSent' | 'lastCommitSeq'>,
  seq: number,
): boolean {
  return opens === 'incarnation' && isSent && lastCommitSeq >= seq;
}

/** The timer that stood, where the creator of a next incarnation didn't know the newest state. */
export function timerToRestore(
  before: ConversationRecord,
  session: ReadWelcome['session'],
): ConversationRecord['timer'] | null {
  const known = knownEpoch(before);
  const { groupId, state } = viewGroup(session);
  if (known === null || sameBytes(known.groupId, groupId)) return null;
  const { parent, settings } = state;
  const followsNewest =
    parent !== undefined && sameBytes(parent.groupId, known.groupId) && parent.epoch >= known.epoch;
  const { timer } = known.state.settings;
  const isSame = timer.mode === settings.timer.mode && timer.ttl === settings.timer.ttl;
  return followsNewest || isSame ? null : timer;
}
