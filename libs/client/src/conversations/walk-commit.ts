import {
  adoptPending,
  decodePendingCommit,
  forgetPastEpochs,
  openCommit,
  type Session,
  type Transition,
  viewGroup,
} from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, type ConversationState, type MessageId } from '@wisp/protocol';
import type { Context } from './context.js';
import { finishEntry, noEffect, type Effect, type Place } from './entry.js';
import { sameBytes } from './integrity.js';
import { orderOf } from './keys.js';
import { rebuildPending } from './own-commit.js';
import type { ConversationRecord, MessageRecord, NoticeRecord, PendingRecord } from './records.js';
import type { Room } from './room.js';

/**
 * A commit entry: our own pending one when the bytes are equal, else the verdict of `judge` (protocol §4). Valid or
 * not, it is the newest commit entry from here on.
 */
export async function walkCommit(context: Context, room: Room, place: Place): Promise<void> {
  const pending = await context.store.pending(room.id);
  if (pending !== null && sameBytes(decodeBase64url(pending.bytes), place.bytes))
    return adoptOwn(context, room, { place, pending });
  const current = await room.currentSession(context);
  if (current === null) return finishEntry(context, room, { place, effect: seen(room, place) });

  const { seq, acceptedAt } = place.entry;
  const outcome = await openCommit(current, place.bytes, {
    seq,
    acceptedAt,
    newestCommitSeq: room.record.lastCommitSeq,
  });
  switch (outcome.kind) {
    case 'applied': {
      const effect = commitEffect(context, room, { place, transition: outcome.transition });
      await finishEntry(context, room, {
        place,
        effect,
        session: forgetPastEpochs(outcome.session, acceptedAt),
      });
      break;
    }
    case 'skipped':
      await finishEntry(context, room, { place, effect: seen(room, place) });
      break;
    case 'removed':
      return finishEntry(context, room, {
        place,
        effect: held(room, place, { kind: 'left' }),
        session: null,
      });
    case 'damaged':
      return finishEntry(context, room, { place, effect: held(room, place, { kind: 'out-of-step' }) });
  }
  // Another commit entry is newer than what ours builds on.
  if (pending !== null) await rebuildPending(context, room, pending);
}

async function adoptOwn(
  context: Context,
  room: Room,
  own: { place: Place; pending: PendingRecord },
): Promise<void> {
  const { place, pending } = own;
  const before = await room.currentSession(context);
  const commit = decodePendingCommit(decodeBase64url(pending.pending));
  const session: Session = adoptPending(commit, {
    current: before,
    acceptedAt: place.entry.acceptedAt,
  });
  const after = viewGroup(session);
  const transition = {
    committer: { userId: context.self.userId, deviceId: context.self.deviceId },
    before: before === null ? null : viewGroup(before).state,
    after: after.state,
  };
  const effect = stateEffect(context, room, { place, transition, commitId: commit.commitId });
  const record: ConversationRecord = {
    ...effect.record,
    state: 'joined',
    incarnation: after.state.incarnation,
    sentSinceHealing: 0,
    healedAt: place.entry.acceptedAt,
    ...(pending.opens === null ? {} : { ownN: 0, ownKept: 0, senders: {} }),
  };
  const changes = [...effect.changes, context.store.removePending(room.id)];
  await finishEntry(context, room, { place, effect: { ...effect, record, changes }, session });
}

function commitEffect(
  context: Context,
  room: Room,
  applied: { place: Place; transition: Transition },
): Effect {
  const { place, transition } = applied;
  const { committer, before, after, commitInfo } = transition;
  return stateEffect(context, room, {
    place,
    transition: { committer, before: before.state, after: after.state },
    commitId: commitInfo.commitId,
  });
}

interface StateChange {
  place: Place;
  transition: {
    committer: { userId: MessageRecord['author']; deviceId: MessageRecord['device'] };
    before: ConversationState | null;
    after: ConversationState;
  };
  commitId: string;
}

/** What people see of a changed state: who did what. */
function stateEffect(context: Context, room: Room, change: StateChange): Effect {
  const { place, transition } = change;
  const { before, after, committer } = transition;
  const { timer } = after.settings;
  const record: ConversationRecord = {
    ...seen(room, place).record,
    users: after.roster.map(({ userId }) => userId),
    timer,
  };
  const isNewTimer =
    before !== null && (before.settings.timer.mode !== timer.mode || before.settings.timer.ttl !== timer.ttl);
  if (!isNewTimer) return { record, changes: [], shown: [] };
  const notice = noticeMessage(context, change, { kind: 'timer-changed', by: committer.userId, timer });
  return { record, changes: context.store.putMessage(room.id, notice), shown: [notice] };
}

function noticeMessage(context: Context, change: StateChange, notice: NoticeRecord): MessageRecord {
  const { place, transition } = change;
  const { seq, acceptedAt } = place.entry;
  return {
    author: transition.committer.userId,
    device: transition.committer.deviceId,
    messageId: change.commitId as MessageId,
    own: transition.committer.userId === context.self.userId,
    order: orderOf(seq),
    seq,
    content: { kind: 'notice', notice },
    hash: encodeBase64url(place.hash),
    timer: { mode: 'none', ttl: 0 },
    sentAt: acceptedAt,
    acceptedAt,
    expiresAt: null,
    receivedAt: context.time.now(),
    seenAt: null,
    deadline: null,
    readAt: null,
    failed: null,
  };
}

function seen(room: Room, place: Place): Effect {
  return { ...noEffect(room), record: { ...room.record, lastCommitSeq: place.entry.seq } };
}

function held(room: Room, place: Place, hold: NonNullable<ConversationRecord['hold']>): Effect {
  const effect = seen(room, place);
  const state = hold.kind === 'left' ? 'left' : effect.record.state;
  return { ...effect, record: { ...effect.record, state, hold } };
}
