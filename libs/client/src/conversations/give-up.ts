import type { Change } from '../store/store.js';
import { announceMessages } from './announce.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { faceKey } from './keys.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import type { Room } from './room.js';
import { takeEditBack } from './settle-edit.js';

const OUTBOX_WINDOW = 1000;

export interface Unsent {
  item: NumberedOutboxRecord;
  reason: NonNullable<MessageRecord['failed']>;
}

/** The server will never take it: its counter goes to the next one. Call it within the serial. */
export async function giveUp(context: Context, room: Room, unsent: Unsent): Promise<void> {
  const { item } = unsent;
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const changes = waiting
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
  await letGo(context, room, { ...unsent, record, changes });
}

/**
 * Out of the outbox, with the reason on the message and "Try again"; an edit gives the words before it back, and a delete
 * for everyone waits behind all others, since it mustn't be forgotten. Call it within the serial.
 */
export async function letGo(
  context: Context,
  room: Room,
  { item, reason, record, changes }: Unsent & { record: ConversationRecord; changes: Change[] },
): Promise<void> {
  const { messageId, say, hashes } = item.record;
  const before = await context.store.findMessage(room.id, context.self.userId, messageId);
  const edit = await takeEditBack(context, room, item);
  const failed = before && { before, after: { ...before, failed: reason, hash: hashes.at(-1) ?? null } };
  const changed = [failed, edit].filter((pair) => pair !== null);
  const again = { ...item.record, n: null, kept: null, sealed: null, hashes: [], confirmed: false };
  const number = await context.store.nextOutboxNumber(room.id);
  await room.save(context, {
    record,
    changes: [
      ...changes,
      context.store.removeOutbox(room.id, item.number),
      ...(say.type === 'delete' ? [context.store.putOutbox(room.id, { number, record: again })] : []),
      ...changed.flatMap((pair) => context.store.replaceMessage(room.id, pair)),
    ],
  });
  const shown = changed.map(({ after }) => after);
  await announceMessages(context, room, shown);
  if (edit === null) return;
  const key = faceKey(edit.after.author, edit.after.messageId);
  context.emit({ type: 'editRefused', conversation: room.id, key });
}
