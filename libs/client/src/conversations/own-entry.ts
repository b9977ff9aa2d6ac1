import { encodeBase64url, type MessageHeader, type Seq } from '@wisp/protocol';
import { goAstray } from './astray.js';
import { deadlineOf, serverDeadlineOf } from './clocks.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { finishEntry, noEffect, type Effect, type Place } from './entry.js';
import { awaitReceipt } from './gone-while-away.js';
import { holdSending } from './holds.js';
import { orderOf } from './keys.js';
import { readHeader } from './read-header.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';
import { acceptEdit } from './settle-edit.js';
import { showUnopened } from './unopened.js';

const OUTBOX_WINDOW = 64;

/** An entry of this very device: the answer to something in the outbox, or the sign of a store that was rolled back. */
export async function recogniseOwn(context: Context, room: Room, place: Place): Promise<void> {
  const header = readHeader(place.bytes);
  const n = header?.n ?? null;
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const item = waiting.find(({ record }) => record.n !== null && record.n === n);
  if (item !== undefined && item.record.hashes.includes(encodeBase64url(place.hash))) {
    const { seq, acceptedAt } = place.entry;
    const effect = await acceptOwn(context, room, { item, seq, acceptedAt });
    return finishEntry(context, room, { place, effect });
  }
  const isRolledBack = room.record.astray?.reason === 'store-rolled-back';
  if (header !== null && (isRolledBack || header.n > room.record.ownN))
    return meetOtherLife(context, room, { place, header, waiting });
  const effect = await findAfterAll(context, room, { place, header });
  await finishEntry(context, room, { place, effect });
  if (header === null || item !== undefined)
    await holdSending(context, room, `own entry ${place.entry.seq} isn't what this device sent`);
}

/** One that counted as not sent, as the log didn't show it or its bytes were lost here, stands in it after all. */
async function findAfterAll(
  context: Context,
  room: Room,
  own: { place: Place; header: MessageHeader | null },
): Promise<Effect> {
  const { place, header } = own;
  if (header === null) return noEffect(room);
  const before = await context.store.findMessage(room.id, context.self.userId, header.messageId);
  // Nobody but this device and the server, which has it then, knew the id of one whose bytes were lost.
  const isIt =
    before?.failed === 'damaged' ||
    (before?.failed === 'contradicted' && before.hash === encodeBase64url(place.hash));
  if (!isIt) return noEffect(room);
  const acceptedAt = Math.min(place.entry.acceptedAt, context.time.now());
  return placeOwn(context, room, { before, seq: place.entry.seq, acceptedAt });
}

/**
 * Somebody went on with this device's keys: this store is an old copy, and its ratchet must never be used again. What
 * waits here and went out there has arrived: nobody but this device knew the id of a message that was never sealed.
 */
async function meetOtherLife(
  context: Context,
  room: Room,
  other: { place: Place; header: MessageHeader; waiting: NumberedOutboxRecord[] },
): Promise<void> {
  const { place, header, waiting } = other;
  const { seq, acceptedAt } = place.entry;
  const item = waiting.find(({ record }) => record.messageId === header.messageId);
  const known = await context.store.findMessage(room.id, context.self.userId, header.messageId);
  const effect =
    item !== undefined
      ? await acceptOwn(context, room, { item, seq, acceptedAt })
      : known === null && header.wake
        ? showUnopened(context, room, { place, messageId: header.messageId, reason: 'key-gone' })
        : noEffect(room);
  const why = {
    reason: 'store-rolled-back',
    badSeq: seq,
    now: context.time.now(),
    random: context.random(),
  } as const;
  const record = {
    ...goAstray(effect.record, why),
    serverSawCounter: Math.max(effect.record.serverSawCounter, header.n),
  };
  await finishEntry(context, room, { place, effect: { ...effect, record }, session: null });
}

/** The server has it: out of the outbox, to its place in the log, and its clock runs. */
export async function acceptOwn(
  context: Context,
  room: Room,
  accepted: { item: NumberedOutboxRecord; seq: Seq; acceptedAt: number },
): Promise<Effect> {
  const { item, seq } = accepted;
  const { say, messageId } = item.record;
  // Own copies run from acceptance (protocol §6): it can't be later than now, whatever the server says.
  const acceptedAt = Math.min(accepted.acceptedAt, context.time.now());
  const changes = [context.store.removeOutbox(room.id, item.number)];
  if (say.type === 'delete') {
    const target = await context.store.findMessage(room.id, say.target.author, say.target.messageId);
    if (target?.seq != null) changes.push(context.store.oweDeletion(room.id, target.seq));
  }
  if (say.type === 'edit')
    changes.push(...(await acceptEdit(context, room, { edit: say, number: item.number })));
  const before =
    say.type === 'text' ? await context.store.findMessage(room.id, context.self.userId, messageId) : null;
  if (before === null) return { record: room.record, changes, shown: [] };
  const effect = placeOwn(context, room, { before, seq, acceptedAt });
  return { ...effect, changes: [...changes, ...effect.changes] };
}

/** To its place in the log; its clock runs from there. */
function placeOwn(
  context: Context,
  room: Room,
  { before, seq, acceptedAt }: { before: MessageRecord; seq: Seq; acceptedAt: number },
): Effect {
  const placed = {
    ...before,
    order: orderOf(room.record, seq),
    seq,
    acceptedAt,
    expiresAt: serverDeadlineOf(before.timer, acceptedAt),
    failed: null,
  };
  const after = {
    ...placed,
    deadline: placed.content.kind === 'text' ? earlier(before.deadline, deadlineOf(placed)) : placed.deadline,
  };
  return {
    record: awaitReceipt(
      room,
      { ...room.record, activeAt: Math.max(room.record.activeAt, acceptedAt) },
      placed,
    ),
    changes: [...context.store.replaceMessage(room.id, { before, after })],
    shown: [after],
  };
}

/** A message that is sent again after a restore gets no second life. */
function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
