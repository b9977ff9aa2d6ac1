import { encodeBase64url, type MessageId, type Seq } from '@wisp/protocol';
import { announceGone } from './announce.js';
import type { Context } from './context.js';
import { noEffect, type Effect, type Place } from './entry.js';
import { faceKey, orderOf } from './keys.js';
import type { ConversationRecord, MessageRecord, StoredContent } from './records.js';
import type { Room } from './room.js';

type Reason = Extract<StoredContent, { kind: 'undecryptable' }>['reason'];

/** A message that doesn't open stands in the timeline as such, under its uploader's name. It isn't counted as unread. */
export function showUnopened(
  context: Context,
  room: Room,
  { place, messageId, reason }: { place: Place; messageId: MessageId; reason: Reason },
): Effect {
  const { entry } = place;
  const message: MessageRecord = {
    author: entry.user,
    device: entry.device,
    messageId,
    own: entry.user === context.self.userId,
    order: orderOf(room.record, entry.seq),
    seq: entry.seq,
    content: { kind: 'undecryptable', reason },
    hash: encodeBase64url(place.hash),
    timer: { mode: 'none', ttl: 0 },
    sentAt: entry.acceptedAt,
    acceptedAt: entry.acceptedAt,
    expiresAt: entry.expiresAt ?? null,
    receivedAt: context.time.now(),
    seenAt: null,
    deadline: entry.expiresAt ?? null,
    readAt: null,
    failed: null,
  };
  return {
    ...noEffect(room),
    changes: context.store.putMessage(room.id, message),
    shown: [message],
  };
}

/** Takes away what stood for an entry that is about to be read again with the right keys. */
export async function liftPlaceholder(context: Context, room: Room, seq: Seq): Promise<void> {
  if (seq > room.record.rewalkTo) return;
  const stands = await context.store.message(room.id, orderOf(room.record, seq));
  if (stands?.content.kind !== 'undecryptable') return;
  await room.save(context, {
    record: uncount(room.record, stands),
    changes: context.store.removeMessage(room.id, stands),
  });
  await announceGone(context, room, { messages: [stands], cause: 'expired' });
}

function uncount(record: ConversationRecord, message: MessageRecord): ConversationRecord {
  if (message.own || message.order <= record.seenOrder) return record;
  const isFirst = record.firstUnread === faceKey(message.author, message.messageId);
  return {
    ...record,
    unread: Math.max(0, record.unread - 1),
    firstUnread: isFirst ? null : record.firstUnread,
  };
}
