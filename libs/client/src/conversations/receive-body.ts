import type { DeviceRef } from '@wisp/e2ee';
import type { LogEntry, MessageBody, MessageHeader, MessageTarget } from '@wisp/protocol';
import { deadlineOf } from './clocks.js';
import type { Context } from './context.js';
import type { Effect } from './entry.js';
import { explainUnseen, noteLate, receiptCame } from './gone-while-away.js';
import { explainMissing } from './integrity.js';
import { faceKey, orderOf } from './keys.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import type { Room } from './room.js';

const DAY = 24 * 60 * 60 * 1000;
const READ_BACK = 200;

export interface ReceivedMessage {
  room: Room;
  /** The room's, with this message counted. */
  record: ConversationRecord;
  entry: LogEntry;
  hash: string;
  author: DeviceRef;
  header: MessageHeader;
  body: MessageBody;
}

/** Somebody else's opened message, by its type (protocol §5). Unknown and dead targets change nothing. */
export async function receiveBody(context: Context, received: ReceivedMessage): Promise<Effect> {
  const { body } = received;
  switch (body.type) {
    case 'text':
      return showNew(context, received, {
        kind: 'text',
        text: body.content.text,
        quote:
          body.content.quote === undefined
            ? null
            : { author: body.content.quote.author, messageId: body.content.quote.messageId },
        edited: false,
        accepted: null,
      });
    case 'edit':
      return receiveEdit(context, received, { target: body.target, text: body.content.text });
    case 'delete':
      return receiveDelete(context, received, body.target);
    case 'receipt':
      return receiveReceipt(context, received, body.target);
    case 'joined':
    case 'profile':
    case 'read-mark':
      return countedOnly(received);
    case 'reaction':
    case 'file':
      return showNew(context, received, { kind: 'unknown', type: body.type === 'file' ? 8 : 4 });
    case 'other':
      return showNew(context, received, { kind: 'unknown', type: body.number });
  }
}

/** Nothing but its having come. */
function countedOnly({ record }: ReceivedMessage): Effect {
  return { record, changes: [], shown: [] };
}

async function showNew(
  context: Context,
  received: ReceivedMessage,
  content: MessageRecord['content'],
): Promise<Effect> {
  const now = context.time.now();
  const { room, entry, author, header, body } = received;
  // An author names each message once; a second one of the same name would hide the first.
  if ((await context.store.findMessage(room.id, author.userId, header.messageId)) !== null)
    return countedOnly(received);
  const timed: MessageRecord = {
    author: author.userId,
    device: author.deviceId,
    messageId: header.messageId,
    own: author.userId === context.self.userId,
    order: orderOf(room.record, entry.seq),
    seq: entry.seq,
    content,
    hash: received.hash,
    timer: { mode: header.mode, ttl: header.ttl },
    sentAt: body.sentAt,
    acceptedAt: entry.acceptedAt,
    expiresAt: entry.expiresAt ?? null,
    receivedAt: now,
    seenAt: null,
    deadline: null,
    readAt: null,
    failed: null,
  };
  const message = { ...timed, deadline: deadlineOf(timed) };
  // Late: its time was up before it came. It is counted, and never shown.
  if (message.deadline !== null && message.deadline <= now)
    return { ...countedOnly(received), record: noteLate(received.record, message) };
  return {
    record: countUnread(
      { ...received.record, spoken: true, activeAt: Math.max(received.record.activeAt, entry.acceptedAt) },
      message,
    ),
    changes: context.store.putMessage(room.id, message),
    shown: [message],
  };
}

/** One more unread message. */
export function countUnread(record: ConversationRecord, message: MessageRecord): ConversationRecord {
  if (message.own) return record;
  return {
    ...record,
    unread: record.unread + 1,
    firstUnread: record.firstUnread ?? faceKey(message.author, message.messageId),
  };
}

async function receiveEdit(
  context: Context,
  received: ReceivedMessage,
  edit: { target: MessageTarget; text: string },
): Promise<Effect> {
  const { room } = received;
  if (edit.target.author !== received.author.userId) return countedOnly(received);
  const before = await context.store.findMessage(room.id, edit.target.author, edit.target.messageId);
  if (before?.content.kind !== 'text') return countedOnly(received);
  const after = { ...before, content: { ...before.content, text: edit.text, edited: true } };
  return {
    record: received.record,
    changes: context.store.replaceMessage(room.id, { before, after }),
    shown: [after],
  };
}

async function receiveDelete(
  context: Context,
  received: ReceivedMessage,
  target: MessageTarget,
): Promise<Effect> {
  const { room } = received;
  if (target.author !== received.author.userId) return countedOnly(received);
  const before = await context.store.findMessage(room.id, target.author, target.messageId);
  if (before === null) {
    // What had a timer was never counted as kept.
    const isPermanent = received.header.mode === 'none';
    return {
      ...countedOnly(received),
      record: explainUnseen(isPermanent ? explainOne(received.record, target) : received.record),
    };
  }
  if (before.content.kind === 'deleted') return countedOnly(received);
  const after = traceOf(received.record, before, {
    by: received.author.userId,
    at: received.entry.acceptedAt,
  });
  return {
    record: received.record,
    changes: context.store.replaceMessage(room.id, { before, after }),
    shown: [after],
  };
}

/** What a delete for everyone leaves: who, never what, for a day or the chat's timer, whichever is shorter. */
export function traceOf(
  record: ConversationRecord,
  message: MessageRecord,
  deletion: { by: MessageRecord['author']; at: number },
): MessageRecord {
  const life = record.timer.mode === 'none' ? DAY : Math.min(DAY, record.timer.ttl * 1000);
  return {
    ...message,
    content: { kind: 'deleted', by: deletion.by },
    timer: { mode: 'none', ttl: 0 },
    deadline: deletion.at + life,
  };
}

function explainOne(record: ConversationRecord, target: MessageTarget): ConversationRecord {
  const found = Object.entries(record.senders).find(
    ([, sender]) => sender.user === target.author && sender.missing > 0,
  );
  if (found === undefined) return record;
  const [device, sender] = found;
  return { ...record, senders: { ...record.senders, [device]: explainMissing(sender) } };
}

async function receiveReceipt(
  context: Context,
  received: ReceivedMessage,
  target: MessageTarget,
): Promise<Effect> {
  const { room } = received;
  if (target.author !== context.self.userId) return countedOnly(received);
  const record = receiptCame(received.record, target.messageId);
  const newest = await context.store.findMessage(room.id, target.author, target.messageId);
  if (newest === null) return { ...countedOnly(received), record };
  const page = await context.store.page(room.id, { before: newest.order + 1, limit: READ_BACK });
  const readAt = received.entry.acceptedAt;
  const changed = page
    .filter((message) => message.own && message.seq !== null && message.readAt === null)
    .map((before) => ({ before, after: { ...before, readAt } }));
  return {
    record,
    changes: changed.flatMap((pair) => context.store.replaceMessage(room.id, pair)),
    shown: changed.map(({ after }) => after),
  };
}
