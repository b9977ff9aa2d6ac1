import type { UserId } from '@wisp/protocol';
import type { Change } from '../store/store.js';
import { announceMessages } from './announce.js';
import { goAstray } from './astray.js';
import type { Context } from './context.js';
import { outboxRecordOf } from './follow-fork.js';
import { orderOfWaiting } from './keys.js';
import type { MessageRecord, SayRecord } from './records.js';
import type { Room } from './room.js';

const EVERYTHING = 2 ** 31 - 1;

/**
 * What was to go out is damaged: a message says so and can be sent again; of a lost edit or delete only its target tells.
 * Its counter may have been given, and others after it: a repair begins them anew from the server's. Within the serial.
 */
export async function loseOutboxItem(context: Context, room: Room, number: number): Promise<void> {
  const said = await context.store.message(room.id, orderOfWaiting(number));
  const lost: Loss =
    said?.content.kind === 'text'
      ? { changed: [{ before: said, after: { ...said, failed: 'damaged' } }], changes: [] }
      : await findQuiet(context, room);
  const why = { badSeq: null, now: context.time.now(), random: context.random() };
  await room.save(context, {
    ...(room.record.state === 'joined'
      ? { record: goAstray({ ...room.record, ownCountLost: true }, { reason: 'store-damaged', ...why }) }
      : {}),
    changes: [
      context.store.removeOutbox(room.id, number),
      ...lost.changed.flatMap((pair) => context.store.replaceMessage(room.id, pair)),
      ...lost.changes,
    ],
  });
  await announceMessages(
    context,
    room,
    lost.changed.map(({ after }) => after),
  );
}

interface Loss {
  changed: { before: MessageRecord; after: MessageRecord }[];
  changes: Change[];
}

/** An edit that waits no more is taken back; what was taken back is so once more, which changes nothing where it was. */
async function findQuiet(context: Context, room: Room): Promise<Loss> {
  const waiting = await context.store.outbox(room.id, EVERYTHING);
  const stillWaits = (type: 'edit' | 'delete', { author, messageId }: MessageRecord) =>
    waiting.some(({ record: { say } }) => say.type === type && names(say, author, messageId));
  const all = await context.store.page(room.id, { before: null, limit: EVERYTHING });
  const changed = all.flatMap((before) => {
    const { content } = before;
    if (content.kind !== 'text' || content.accepted === null || stillWaits('edit', before)) return [];
    return [{ before, after: { ...before, content: { ...content, ...content.accepted, accepted: null } } }];
  });
  const takenBack = all.filter(
    (message) => message.own && message.content.kind === 'deleted' && !stillWaits('delete', message),
  );
  const next = await context.store.nextOutboxNumber(room.id);
  const changes = takenBack.map((message, i) =>
    context.store.putOutbox(room.id, { number: next + i, record: outboxRecordOf(room, message) }),
  );
  return { changed, changes };
}

function names(
  { target }: Extract<SayRecord, { type: 'edit' | 'delete' }>,
  author: UserId,
  messageId: MessageRecord['messageId'],
): boolean {
  return target.author === author && target.messageId === messageId;
}
