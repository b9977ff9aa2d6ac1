import type { MessageId, UserId } from '@wisp/protocol';
import { v4 as uuidv4 } from 'uuid';
import { EngineError } from '../engine-error.js';
import type { MessageKey, Timer } from '../face.js';
import type { Change } from '../store/store.js';
import { announceConversation, announceMessages } from './announce.js';
import { serverDeadlineOf, timerFromView } from './clocks.js';
import type { Context } from './context.js';
import { removeMessages } from './expiry.js';
import { withdrawEdits } from './withdraw-edits.js';
import { faceKey, fromFaceKey, orderOfWaiting } from './keys.js';
import { traceOf } from './receive-body.js';
import type { MessageRecord, OutboxRecord, SayRecord } from './records.js';
import type { Room } from './room.js';

const MAX_TEXT_CHARACTERS = 14_000;

/*
 * What a person says or takes back: into the outbox and onto the screen in one transaction. Call these within the
 * room's serial, and drain the outbox afterwards.
 */

/** A new message at the end of the timeline. */
export async function sayText(
  context: Context,
  room: Room,
  input: { text: string; timer?: Timer; quote?: MessageKey; id?: MessageId },
): Promise<MessageKey> {
  if (
    input.id !== undefined &&
    (await context.store.findMessage(room.id, context.self.userId, input.id)) !== null
  ) {
    return faceKey(context.self.userId, input.id);
  }
  assertLength(input.text);
  if (room.record.state === 'left' || room.record.hold !== null) throw new EngineError('held');
  const number = await context.store.nextOutboxNumber(room.id);
  const timer = input.timer === undefined ? room.record.timer : timerFromView(input.timer);
  const quote = input.quote === undefined ? null : fromFaceKey(input.quote);
  const item = {
    ...newItem(context, room, { say: { type: 'text', text: input.text, quote }, timer }),
    ...(input.id === undefined ? {} : { messageId: input.id }),
  };
  const now = context.time.now();
  const message: MessageRecord = {
    author: context.self.userId,
    device: context.self.deviceId,
    messageId: item.messageId,
    own: true,
    order: orderOfWaiting(number),
    seq: null,
    content: { kind: 'text', text: input.text, quote, edited: false, accepted: null },
    hash: null,
    timer,
    sentAt: now,
    acceptedAt: null,
    expiresAt: null,
    receivedAt: now,
    seenAt: null,
    deadline: null,
    readAt: null,
    failed: null,
  };
  await room.save(context, {
    record: { ...room.record, spoken: true, activeAt: now, draft: '' },
    changes: [
      context.store.putOutbox(room.id, { number, record: item }),
      ...context.store.putMessage(room.id, message),
    ],
  });
  await announceMessages(context, room, [message]);
  return faceKey(message.author, message.messageId);
}

/** Words that aren't sent yet; every face of this device shows the same ones. */
export async function keepDraft(context: Context, room: Room, draft: string): Promise<void> {
  if (draft === room.record.draft) return;
  await room.save(context, { record: { ...room.record, draft } });
  await announceConversation(context, room);
}

/**
 * A message that shows nothing of its own: an edit, a delete, a receipt, joined. `with`: what it does here, in the same
 * transaction.
 */
export async function sayQuietly(
  context: Context,
  room: Room,
  quiet: { say: Exclude<SayRecord, { type: 'text' }>; about: MessageRecord | null; with?: Change[] },
): Promise<void> {
  const number = await context.store.nextOutboxNumber(room.id);
  const { about } = quiet;
  // The server's deadline of a target that it hasn't confirmed yet is later than this one.
  const diesAt =
    about && (about.expiresAt ?? about.deadline ?? serverDeadlineOf(about.timer, context.time.now()));
  const item = { ...newItem(context, room, { say: quiet.say, timer: { mode: 'none', ttl: 0 } }), diesAt };
  const timer: OutboxRecord['timer'] = diesAt === null ? item.timer : { mode: 'after-send', ttl: 1 };
  await room.save(context, {
    changes: [
      ...(quiet.with ?? []),
      context.store.putOutbox(room.id, { number, record: { ...item, timer } }),
    ],
  });
}

function newItem(context: Context, room: Room, what: Pick<OutboxRecord, 'say' | 'timer'>): OutboxRecord {
  return {
    ...what,
    messageId: uuidv4() as MessageId,
    diesAt: null,
    enteredAt: context.time.now(),
    users: room.record.users,
    n: null,
    kept: null,
    sealedAt: null,
    sealed: null,
    hashes: [],
    asks: null,
    isReleased: false,
    confirmed: false,
  };
}

function assertLength(text: string): void {
  if (text.length === 0 || Array.from(text).length > MAX_TEXT_CHARACTERS) throw new EngineError('too-long');
}

/** New words for an own message that the server has. */
export async function editOwn(
  context: Context,
  room: Room,
  edit: { key: MessageKey; text: string },
): Promise<void> {
  assertLength(edit.text);
  const before = await requireMessage(context, room, edit.key);
  if (!before.own || before.content.kind !== 'text') throw new EngineError('not-allowed');
  if (before.seq === null) throw new EngineError('not-allowed');
  const { text, edited } = before.content;
  const accepted = before.content.accepted ?? { text, edited };
  const after: MessageRecord = {
    ...before,
    content: { ...before.content, text: edit.text, edited: true, accepted },
  };
  await sayQuietly(context, room, {
    say: { type: 'edit', target: targetOf(before), text: edit.text },
    about: before,
    with: context.store.replaceMessage(room.id, { before, after }),
  });
  await announceMessages(context, room, [after]);
}

/** Takes an own message back everywhere; one that never left just goes. */
export async function deleteForEveryone(context: Context, room: Room, key: MessageKey): Promise<void> {
  const before = await requireMessage(context, room, key);
  if (!before.own || before.content.kind === 'notice') throw new EngineError('not-allowed');
  if (before.content.kind === 'deleted') return;
  if (before.seq === null) {
    if (await withdraw(context, room, before))
      return removeMessages(context, room, { messages: [before], cause: 'deleted' });
    // Its bytes may be on the server already: the delete goes after it.
  }
  const after = traceOf(room.record, before, { by: context.self.userId, at: context.time.now() });
  await sayQuietly(context, room, {
    say: { type: 'delete', target: targetOf(before) },
    about: before,
    with: [
      ...context.store.replaceMessage(room.id, { before, after }),
      ...(await withdrawEdits(context, room, [before])),
    ],
  });
  await announceMessages(context, room, [after]);
}

/** Out of this user's devices only. */
export async function deleteForMe(context: Context, room: Room, key: MessageKey): Promise<void> {
  const message = await requireMessage(context, room, key);
  if (message.seq === null) await withdraw(context, room, message);
  await removeMessages(context, room, { messages: [message], cause: 'deleted-for-me' });
}

/** Out of the outbox, as long as no bytes of it have left this device. */
async function withdraw(context: Context, room: Room, message: MessageRecord): Promise<boolean> {
  const waiting = await context.store.outbox(room.id, 1000);
  const item = waiting.find(({ record }) => record.messageId === message.messageId);
  if (item === undefined) return true;
  if (item.record.n !== null) return false;
  await room.save(context, { changes: [context.store.removeOutbox(room.id, item.number)] });
  return true;
}

/** The person was asked about a message that waited, or tries a failed one again. */
export async function sendAgain(context: Context, room: Room, key: MessageKey): Promise<void> {
  const before = await requireMessage(context, room, key);
  const waiting = await context.store.outbox(room.id, 1000);
  const item = waiting.find(({ record }) => record.messageId === before.messageId);
  if (item !== undefined) {
    const record: OutboxRecord = { ...item.record, asks: null, isReleased: true, users: room.record.users };
    await room.save(context, { changes: [context.store.putOutbox(room.id, { ...item, record })] });
    return announceMessages(context, room, [before]);
  }
  if (before.failed === null || before.content.kind !== 'text') throw new EngineError('not-allowed');
  const number = await context.store.nextOutboxNumber(room.id);
  const after: MessageRecord = { ...before, failed: null, order: orderOfWaiting(number) };
  const say: SayRecord = { type: 'text', text: before.content.text, quote: before.content.quote };
  const record = { ...newItem(context, room, { say, timer: before.timer }), messageId: before.messageId };
  await room.save(context, {
    changes: [
      context.store.putOutbox(room.id, { number, record }),
      ...context.store.replaceMessage(room.id, { before, after }),
    ],
  });
  await announceMessages(context, room, [after]);
}

export async function requireMessage(context: Context, room: Room, key: MessageKey): Promise<MessageRecord> {
  const { author, messageId } = fromFaceKey(key);
  const message = await context.store.findMessage(room.id, author, messageId);
  if (message === null) throw new EngineError('gone');
  return message;
}

export function targetOf(message: MessageRecord): { author: UserId; messageId: MessageId } {
  return { author: message.author, messageId: message.messageId };
}
