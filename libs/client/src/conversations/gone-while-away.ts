import type { MessageId, Seq } from '@wisp/protocol';
import { announceConversation } from './announce.js';
import type { Context } from './context.js';
import { orderOf } from './keys.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import { countAbsences } from './retention.js';
import type { Room } from './room.js';

/*
 * "Messages sent while you were away have gone". What can be known of them is only that the log, complete up to the
 * head, lacks their seqs. Left out are own entries, those that a delete names, permanent ones that are missing (they
 * hold sending), commits as far as they may have been swept, and as many as may have been receipts, which nobody sends
 * by hand. An edit or a delete of what had a timer can't be told from a message and counts as one. Of permanent ones that
 * were swept their sender tells at the next word.
 */

const OUTBOX_WINDOW = 1000;

/** The log is complete up to there: what lies between is gone. Call it within the serial. */
export async function passAbsent(context: Context, room: Room, through: Seq): Promise<void> {
  const { record } = room;
  if (through <= record.cursor) return;
  const unseen = await countAbsent(context, room, through);
  const absent = await countAbsences(context, room, through);
  await room.save(context, { record: { ...record, cursor: through, unseen, absent } });
}

async function countAbsent(
  context: Context,
  room: Room,
  through: Seq,
): Promise<ConversationRecord['unseen']> {
  const { record, away } = room;
  if (away === null || record.kind === 'self') return record.unseen;
  // What is absent from a longer absence may have been a commit.
  if (context.time.now() - away.since > away.stays.commits) return record.unseen;
  // An old copy of a store doesn't know what its other life has sent.
  if (record.astray?.reason === 'store-rolled-back') return record.unseen;
  // Where the walk stood is a guess: what seems absent may have been walked.
  if (record.ownCountLost) return record.unseen;
  // What was walked before a repair has been counted or shown.
  const range = {
    after: Math.max(record.cursor, record.rewalkTo) as Seq,
    through: Math.min(through, away.to) as Seq,
  };
  if (range.through <= range.after) return record.unseen;
  // A hash before its entry is that of an own one which the server acknowledged.
  const count = range.through - range.after - (await context.store.countHashes(room.id, range));
  if (count <= 0) return record.unseen;
  if (record.unseen !== null) return { ...record.unseen, count: record.unseen.count + count };
  return { count, order: orderOf(record, (range.after + 1) as Seq) };
}

/** A text came, but after its time: it has gone unseen, even where the line only stood still and nobody noticed. */
export function noteLate(record: ConversationRecord, { own, seq }: MessageRecord): ConversationRecord {
  // What is walked again after a repair has been shown or told of.
  if (own || seq === null || seq <= record.rewalkTo) return record;
  return noteGone(record, seq);
}

/** The line is drawn above this entry's place. */
export function noteGone(record: ConversationRecord, seq: Seq): ConversationRecord {
  return { ...record, goneAt: record.goneAt ?? orderOf(record, seq), spoken: true };
}

/** A valid delete names what this device never saw: that was taken back, its time wasn't up. */
export function explainUnseen(record: ConversationRecord): ConversationRecord {
  const { unseen } = record;
  if (unseen === null) return record;
  return { ...record, unseen: unseen.count > 1 ? { ...unseen, count: unseen.count - 1 } : null };
}

/** An own message with a timer stands in the log: its receipt dies with it. */
export function awaitReceipt(
  room: Room,
  record: ConversationRecord,
  { timer, messageId, expiresAt, content }: MessageRecord,
): ConversationRecord {
  if (timer.mode === 'none' || expiresAt === null || content.kind !== 'text') return record;
  const before = receiptsSince(room, record);
  const until = Math.max(expiresAt, before?.until ?? 0);
  return { ...record, receiptsDue: { count: (before?.count ?? 0) + 1, newest: messageId, until } };
}

/** Receipts tell of everything up to their target: after that of the newest none is due. */
export function receiptCame(record: ConversationRecord, about: MessageId): ConversationRecord {
  return record.receiptsDue?.newest === about ? { ...record, receiptsDue: null } : record;
}

/** Those that this device, last at the head when it went away, may have missed. */
function receiptsSince({ away }: Room, { receiptsDue }: ConversationRecord) {
  return receiptsDue !== null && receiptsDue.until > (away?.since ?? 0) ? receiptsDue : null;
}

/** At the head everything that could explain an absent entry has been read. Call it within the serial. */
export async function judgeUnseen(context: Context, room: Room): Promise<void> {
  const { record } = room;
  const { unseen } = record;
  if (unseen === null) return;
  const isMissing = Object.values(record.senders).some(({ missing }) => missing > 0);
  const silent = (await countUnsettled(context, room)) + (receiptsSince(room, record)?.count ?? 0);
  const isGone = !isMissing && unseen.count > silent;
  await room.save(context, {
    record: isGone
      ? { ...record, unseen: null, goneAt: record.goneAt ?? unseen.order, spoken: true }
      : { ...record, unseen: null },
  });
  if (isGone) await announceConversation(context, room);
}

/** Own messages that the server has by its count and whose entries never came by. */
async function countUnsettled(context: Context, { id, record }: Room): Promise<number> {
  const waiting = await context.store.outbox(id, OUTBOX_WINDOW);
  return waiting.filter(({ record: { n } }) => n !== null && n <= record.serverSawCounter).length;
}

/** The person has left the chat: the line has been read. Call it within the serial. */
export async function leaveChat(context: Context, room: Room): Promise<void> {
  if (room.record.goneAt === null) return;
  await room.save(context, { record: { ...room.record, goneAt: null } });
  await announceConversation(context, room);
}
