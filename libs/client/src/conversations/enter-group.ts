import { viewGroup, type Session } from '@wisp/e2ee';
import type { Seq } from '@wisp/protocol';
import type { Change } from '../store/store.js';
import { isAstray } from './astray.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import type { Effect } from './entry.js';
import { orderOf, placeholderId } from './keys.js';
import { NONE_ABSENT, type ConversationRecord, type MessageRecord } from './records.js';
import type { Room } from './room.js';
import { standingOf } from './standing.js';

/** How far back entries are looked for that came while the keys were missing. */
const LOOK_BACK = 2000;
const OUTBOX_WINDOW = 1000;

export interface Entrance {
  session: Session;
  /** The entry of the commit that let this device in. */
  seq: Seq;
  acceptedAt: number;
}

/**
 * A conversation goes on in a group that this device has entered anew: let back into its own (repair), or in the next
 * incarnation (protocol §4). The timeline stays; what waits is sealed anew; what never opened says so.
 */
export async function enterGroup(context: Context, room: Room, entrance: Entrance): Promise<Effect> {
  const before = room.record;
  const { session, seq, acceptedAt } = entrance;
  const { state } = viewGroup(session);
  const standing = standingOf(session);
  const isNext = state.incarnation !== before.incarnation;
  const record: ConversationRecord = {
    ...before,
    incarnation: state.incarnation,
    users: state.roster.map(({ userId }) => userId),
    timer: state.settings.timer,
    hold: before.astray === null ? before.hold : before.astray.before,
    astray: null,
    renewal: null,
    aheadSeq: null,
    standing,
    pastGroups: pastGroups(before, standing.groupId),
    mendedAt: acceptedAt,
    sentSinceHealing: 0,
    healedAt: acceptedAt,
    ...(isNext ? newCounters(seq) : ownCounters(before)),
  };
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const asks = before.astray?.reason === 'store-rolled-back';
  const changes: Change[] = waiting
    .map((item) => sealAnew(item, { isFree: isNext || asks || isFree(before, item), asks }))
    .map((item) => context.store.putOutbox(room.id, item));
  const lost = await giveUpWaiting(context, room, seq);
  const shown = lost.map(({ after }) => after);
  changes.push(...lost.flatMap((pair) => context.store.replaceMessage(room.id, pair)));
  if (asks) shown.push(...(await waitingMessages(context, room, waiting)));
  if (isAstray(before)) {
    const notice = letBackIn(context, room, entrance);
    changes.push(...context.store.putMessage(room.id, notice));
    shown.push(notice);
  }
  return { record, changes, shown };
}

function pastGroups(before: ConversationRecord, next: string): ConversationRecord['pastGroups'] {
  const { standing } = before;
  if (standing === null || standing.groupId === next) return before.pastGroups;
  const { groupId, epoch, transcriptHash } = standing;
  return [...before.pastGroups, { groupId, epoch, transcriptHash }];
}

/** Counters are an incarnation's own (protocol §5). */
function newCounters(beganAtSeq: Seq) {
  return {
    ownN: 0,
    ownKept: 0,
    serverSawCounter: 0,
    senders: {},
    absent: NONE_ABSENT,
    beganAtSeq,
    ownCountLost: false,
    sawStart: true,
  };
}

/** Where the own count was lost, nothing has gone out since the sync that told the server's: it is the newest. */
function ownCounters({ ownN, ownCountLost, serverSawCounter }: ConversationRecord) {
  return ownCountLost
    ? // To have kept fewer than were kept alarms nobody.
      { ownN: serverSawCounter, ownKept: 0, ownCountLost: false }
    : { ownN: Math.max(ownN, serverSawCounter) };
}

/** One before it may be lost, and the server takes no counter before those that it follows. */
function isFree(
  { ownCountLost, serverSawCounter }: ConversationRecord,
  { record: { n, confirmed } }: NumberedOutboxRecord,
): boolean {
  return ownCountLost && !confirmed && n !== null && n > serverSawCounter;
}

/** After a roll-back nobody knows what has gone out before: the person decides. */
function sealAnew(
  { number, record }: NumberedOutboxRecord,
  how: { isFree: boolean; asks: boolean },
): NumberedOutboxRecord {
  const unsealed = { ...record, sealed: null };
  const uncounted = how.isFree
    ? { ...unsealed, n: null, kept: null, hashes: [], confirmed: false }
    : unsealed;
  const isAsked = how.asks && record.say.type === 'text' && !record.isReleased;
  return { number, record: isAsked ? { ...uncounted, asks: 'waited-a-day' } : uncounted };
}

async function waitingMessages(
  context: Context,
  room: Room,
  waiting: readonly NumberedOutboxRecord[],
): Promise<MessageRecord[]> {
  const found: MessageRecord[] = [];
  for (const { record } of waiting) {
    const message = await context.store.findMessage(room.id, context.self.userId, record.messageId);
    if (message !== null) found.push(message);
  }
  return found;
}

/** What lies before the entrance opens no more. */
async function giveUpWaiting(
  context: Context,
  room: Room,
  seq: Seq,
): Promise<{ before: MessageRecord; after: MessageRecord }[]> {
  const before = orderOf(room.record, seq) + 1;
  const page = await context.store.page(room.id, { before, limit: LOOK_BACK });
  return page
    .filter(({ content }) => content.kind === 'undecryptable' && content.reason === 'waiting')
    .map((message) => ({
      before: message,
      after: { ...message, content: { kind: 'undecryptable', reason: 'key-gone' } },
    }));
}

function letBackIn(context: Context, room: Room, { seq, acceptedAt }: Entrance): MessageRecord {
  return {
    author: context.self.userId,
    device: context.self.deviceId,
    messageId: placeholderId(seq),
    own: true,
    order: orderOf(room.record, seq),
    seq,
    content: { kind: 'notice', notice: { kind: 'let-back-in' } },
    hash: null,
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
