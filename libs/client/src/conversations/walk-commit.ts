import {
  adoptPending,
  decodePendingCommit,
  forgetPastEpochs,
  openCommit,
  type DamageReason,
  type Session,
  type Transition,
  viewGroup,
} from '@wisp/e2ee';
import {
  CborRefusal,
  decodeBase64url,
  encodeBase64url,
  MlsRefusal,
  readCommitInfo,
  type CommitInfo,
  type ConversationState,
  type MessageId,
} from '@wisp/protocol';
import { announceConversation } from './announce.js';
import { goAstray, isAstray, wantRenewal } from './astray.js';
import type { Context } from './context.js';
import { enterGroup } from './enter-group.js';
import { finishEntry, noEffect, type Effect, type Place } from './entry.js';
import { sameBytes } from './integrity.js';
import { orderOf } from './keys.js';
import { rebuildPending } from './own-commit.js';
import { NONE_ABSENT } from './records.js';
import type { ConversationRecord, MessageRecord, NoticeRecord, PendingRecord } from './records.js';
import type { Room } from './room.js';
import { standingOf } from './standing.js';

/**
 * A commit entry: our own pending one when the bytes are equal, else the verdict of `judge` (protocol §4). Valid or
 * not, it is the newest commit entry from here on.
 */
export async function walkCommit(context: Context, room: Room, place: Place): Promise<void> {
  const pending = await context.store.pending(room.id);
  const isOwn = pending !== null && sameBytes(decodeBase64url(pending.bytes), place.bytes);
  if (isOwn && (pending.opens !== null || !isAstray(room.record)))
    return adoptOwn(context, room, { place, pending });
  const current = await room.currentSession(context);
  if (current === null || isAstray(room.record)) return passBy(context, room, place);

  const { seq, acceptedAt } = place.entry;
  const outcome = await openCommit(current, place.bytes, {
    seq,
    acceptedAt,
    newestCommitSeq: room.record.lastCommitSeq,
  });
  switch (outcome.kind) {
    case 'applied': {
      const { session, transition } = outcome;
      const effect = commitEffect(context, room, { place, transition });
      const record = { ...effect.record, standing: standingOf(session), aheadSeq: null };
      await finishEntry(context, room, {
        place,
        effect: { ...effect, record },
        session: forgetPastEpochs(session, acceptedAt),
      });
      break;
    }
    case 'skipped':
      await finishEntry(context, room, { place, effect: seen(context, room, place) });
      break;
    case 'removed':
      return finishRemoved(context, room, { place, transition: outcome.transition });
    case 'damaged':
      return finishDamaged(context, room, { place, reason: outcome.reason });
  }
  // Another commit entry is newer than what ours builds on.
  if (pending !== null) await rebuildPending(context, room, pending);
}

/**
 * Out of step: no commit can be followed, and none of our own goes on from here. One that this device made in its other
 * life gave it another leaf: no request could name that.
 */
async function passBy(context: Context, room: Room, place: Place): Promise<void> {
  const effect = seen(context, room, place);
  const isOtherLife =
    effect.record.astray?.reason === 'store-rolled-back' && place.entry.device === context.self.deviceId;
  const record = isOtherLife ? wantRenewal(effect.record, 'urgent') : effect.record;
  const changes = [context.store.removePending(room.id)];
  await finishEntry(context, room, { place, effect: { ...effect, record, changes } });
}

/** Put out; or let back in by the same commit, as a repair does: then its Welcome is to come. */
async function finishRemoved(
  context: Context,
  room: Room,
  removed: { place: Place; transition: Transition },
): Promise<void> {
  const { place, transition } = removed;
  const effect = seen(context, room, place);
  const { deviceId } = context.self;
  const isBack = transition.after.leaves.some((leaf) => leaf.deviceId === deviceId);
  const record: ConversationRecord = isBack
    ? goAstray(effect.record, { reason: 'commit-unreadable', badSeq: null, ...nowOf(context) })
    : { ...effect.record, state: 'left', hold: { kind: 'left' } };
  await finishEntry(context, room, { place, effect: { ...effect, record }, session: null });
  await announceConversation(context, room);
}

/** Privately invalid. A commit of this very device that it doesn't know says that its store is an old copy. */
async function finishDamaged(
  context: Context,
  room: Room,
  damaged: { place: Place; reason: DamageReason },
): Promise<void> {
  const { place } = damaged;
  const effect = seen(context, room, place);
  const badSeq = place.entry.seq;
  if (damaged.reason === 'own-unknown') {
    const astray = goAstray(effect.record, { reason: 'store-rolled-back', badSeq, ...nowOf(context) });
    const record = wantRenewal(astray, 'urgent');
    await finishEntry(context, room, { place, effect: { ...effect, record }, session: null });
  } else {
    const record = goAstray(effect.record, { reason: 'commit-unreadable', badSeq, ...nowOf(context) });
    await finishEntry(context, room, { place, effect: { ...effect, record } });
  }
  await announceConversation(context, room);
}

const nowOf = (context: Context) => ({ now: context.time.now(), random: context.random() });

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
  const { seq, acceptedAt } = place.entry;
  if (pending.opens === 'incarnation') {
    const effect = await enterGroup(context, room, { session, seq, acceptedAt });
    const changes = [...effect.changes, context.store.removePending(room.id)];
    const record = { ...effect.record, lastCommitSeq: seq, heardOf: after.state.incarnation };
    return finishEntry(context, room, { place, effect: { ...effect, record, changes }, session });
  }
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
    healedAt: acceptedAt,
    standing: standingOf(session),
    ...(pending.opens === null ? {} : { ownN: 0, ownKept: 0, senders: {}, absent: NONE_ABSENT }),
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
    ...seen(context, room, place).record,
    users: after.roster.map(({ userId }) => userId),
    timer,
  };
  const isNewTimer =
    before !== null && (before.settings.timer.mode !== timer.mode || before.settings.timer.ttl !== timer.ttl);
  if (!isNewTimer) return { record, changes: [], shown: [] };
  const notice = noticeMessage(
    context,
    { ...change, room: room.record },
    { kind: 'timer-changed', by: committer.userId, timer },
  );
  return { record, changes: context.store.putMessage(room.id, notice), shown: [notice] };
}

function noticeMessage(
  context: Context,
  change: StateChange & { room: ConversationRecord },
  notice: NoticeRecord,
): MessageRecord {
  const { place, transition } = change;
  const { seq, acceptedAt } = place.entry;
  return {
    author: transition.committer.userId,
    device: transition.committer.deviceId,
    messageId: change.commitId as MessageId,
    own: transition.committer.userId === context.self.userId,
    order: orderOf(change.room, seq),
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

/** Valid or not, it is the newest commit entry; a next incarnation's first one may bring a Welcome. */
function seen(context: Context, room: Room, place: Place): Effect {
  const info = readInfo(place.bytes);
  const isInvited =
    info !== null &&
    info.incarnation > room.record.incarnation &&
    info.adds.some(({ deviceId }) => deviceId === context.self.deviceId);
  const heardOf = isInvited ? Math.max(room.record.heardOf, info.incarnation) : room.record.heardOf;
  return { ...noEffect(room), record: { ...room.record, lastCommitSeq: place.entry.seq, heardOf } };
}

function readInfo(bytes: Uint8Array): CommitInfo | null {
  try {
    return readCommitInfo(bytes).info;
  } catch (error) {
    if (error instanceof MlsRefusal || error instanceof CborRefusal) return null;
    throw error;
  }
}
