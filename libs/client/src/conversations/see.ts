import type { MessageKey } from '../face.js';
import { announceMessages } from './announce.js';
import { deadlineOf } from './clocks.js';
import type { Context } from './context.js';
import { faceKey, fromFaceKey } from './keys.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';
import { sayQuietly, targetOf } from './speak.js';

/**
 * The person has seen these: after-read clocks start, the unread count falls, and the author is told once of the
 * newest. Call it within the serial, and drain the outbox afterwards.
 */
export async function markSeen(context: Context, room: Room, keys: readonly MessageKey[]): Promise<void> {
  const now = context.time.now();
  const seen: { before: MessageRecord; after: MessageRecord }[] = [];
  for (const key of keys) {
    const { author, messageId } = fromFaceKey(key);
    const before = await context.store.findMessage(room.id, author, messageId);
    if (before === null || before.own || before.seenAt !== null) continue;
    const started = { ...before, seenAt: now };
    const after = {
      ...started,
      deadline: started.content.kind === 'text' ? deadlineOf(started) : started.deadline,
    };
    seen.push({ before, after });
  }
  const newest = seen.map(({ after }) => after).sort((a, b) => b.order - a.order)[0];
  if (newest === undefined) return;

  const seenOrder = Math.max(room.record.seenOrder, newest.order);
  const left = await unreadAfter(context, room, seenOrder);
  // A receipt says: up to here. An earlier message that is seen later says nothing new.
  const tells = newest.content.kind === 'text' && newest.order > room.record.toldSeenOrder;
  await room.save(context, {
    record: {
      ...room.record,
      seenOrder,
      toldSeenOrder: tells ? newest.order : room.record.toldSeenOrder,
      unread: left.length,
      firstUnread: left[0] ? faceKey(left[0].author, left[0].messageId) : null,
    },
    changes: seen.flatMap((pair) => context.store.replaceMessage(room.id, pair)),
  });
  if (tells) {
    await sayQuietly(context, room, {
      say: { type: 'receipt', newestRead: targetOf(newest) },
      about: newest,
    });
  }
  await announceMessages(
    context,
    room,
    seen.map(({ after }) => after),
  );
}

/** Oldest first. */
async function unreadAfter(context: Context, room: Room, order: number): Promise<MessageRecord[]> {
  if (room.record.unread === 0) return [];
  const page = await context.store.page(room.id, { before: null, limit: room.record.unread + 32 });
  return page.filter((message) => isUnread(message, order));
}

/** Somebody else's, after everything that was seen. */
export function isUnread({ own, order, content }: MessageRecord, seenOrder: number): boolean {
  return !own && order > seenOrder && content.kind !== 'notice';
}
