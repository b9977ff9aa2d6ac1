import { announceMessages } from './announce.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { faceKey } from './keys.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import type { Room } from './room.js';
import { takeEditBack } from './settle-edit.js';

const OUTBOX_WINDOW = 1000;

/** The server will never take it: its counter goes to the next one. */
export async function giveUp(
  context: Context,
  room: Room,
  refused: { item: NumberedOutboxRecord; reason: NonNullable<MessageRecord['failed']> },
): Promise<void> {
  const { item, reason } = refused;
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const later = waiting
    .filter(({ number, record }) => number > item.number && !record.confirmed)
    .map((other) =>
      context.store.putOutbox(room.id, {
        ...other,
        record: { ...other.record, n: null, kept: null, sealed: null },
      }),
    );
  const record: ConversationRecord = {
    ...room.record,
    ownN: (item.record.n ?? 1) - 1,
    ownKept: (item.record.kept ?? 1) - (item.record.timer.mode === 'none' ? 1 : 0),
  };
  const before = await context.store.findMessage(room.id, context.self.userId, item.record.messageId);
  const edit = await takeEditBack(context, room, item);
  const changed = [
    ...(before === null ? [] : [{ before, after: { ...before, failed: reason } }]),
    ...(edit === null ? [] : [edit]),
  ];
  await room.save(context, {
    record,
    changes: [
      context.store.removeOutbox(room.id, item.number),
      ...later,
      ...changed.flatMap((pair) => context.store.replaceMessage(room.id, pair)),
    ],
  });
  await announceMessages(
    context,
    room,
    changed.map(({ after }) => after),
  );
  if (edit === null) return;
  const { author, messageId } = edit.after;
  context.emit({ type: 'editRefused', conversation: room.id, key: faceKey(author, messageId) });
}
