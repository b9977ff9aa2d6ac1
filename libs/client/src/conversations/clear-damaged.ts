import type { Seq } from '@wisp/protocol';
import { announceMessages } from './announce.js';
import { wantRenewal } from './astray.js';
import type { Context } from './context.js';
import { collections, faceKey, fromPlaceKey, numberIn, orderOf, orderOfWaiting } from './keys.js';
import { loseOutboxItem } from './lose-outbox-item.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';
import { isUnread } from './see.js';
import type { DamagedRecord } from './sound-records.js';
import { waitingMessage } from './waiting-message.js';

const EVERYTHING = 2 ** 31 - 1;

/**
 * A damaged record of a conversation goes, with what hung on it; what another record tells as well is written again. Of
 * messages and their places all damaged ones go at once. Call it within the serial: the record may be sound again by now.
 */
export async function clearDamaged(context: Context, room: Room, damaged: DamagedRecord): Promise<void> {
  if (!(await context.store.damaged.has(damaged))) return;
  switch (damaged.collection) {
    case collections.messages:
      return clearMessages(context, room);
    case collections.outbox:
      return loseOutboxItem(context, room, numberIn(damaged.key));
    case collections.places:
      return clearPlaces(context, room);
    case collections.hashes:
      return room.save(context, {
        changes: [context.store.removeHash(room.id, numberIn(damaged.key) as Seq)],
      });
    case collections.deletions:
      return clearDeletion(context, room, numberIn(damaged.key) as Seq);
    case collections.pending:
      return clearPending(context, room);
  }
}

async function clearMessages(context: Context, room: Room): Promise<void> {
  const { record } = room;
  const damaged = await context.store.damaged.keys(collections.messages, room.id);
  const orders = new Set(damaged.map(numberIn));
  const changes = await context.store.damaged.removeMessages(room.id, orders);
  const again = await stillWaiting(context, room, orders);
  changes.push(...again.flatMap((message) => context.store.putMessage(room.id, message)));
  const page = await context.store.page(room.id, { before: null, limit: EVERYTHING });
  const unread = page.filter((message) => isUnread(message, record.seenOrder));
  const first = unread[0];
  const firstUnread = first === undefined ? null : faceKey(first.author, first.messageId);
  await room.save(context, { record: { ...record, unread: unread.length, firstUnread }, changes });
  await announceMessages(context, room, again);
}

/** Texts that are on their way, and that nobody has taken back meanwhile. */
async function stillWaiting(
  context: Context,
  room: Room,
  orders: ReadonlySet<number>,
): Promise<MessageRecord[]> {
  const waiting = await context.store.outbox(room.id, EVERYTHING);
  const takenBack = new Set(
    waiting.flatMap(({ record: { say } }) => (say.type === 'delete' ? [say.target.messageId] : [])),
  );
  return waiting
    .filter(({ number, record }) => orders.has(orderOfWaiting(number)) && !takenBack.has(record.messageId))
    .flatMap((item) => waitingMessage(context.self, item) ?? []);
}

/** Messages themselves say where they stand. */
async function clearPlaces(context: Context, room: Room): Promise<void> {
  const page = await context.store.page(room.id, { before: null, limit: EVERYTHING });
  const byName = new Map(page.map((message) => [faceKey(message.author, message.messageId), message]));
  const damaged = await context.store.damaged.keys(collections.places, room.id);
  const changes = damaged.map(fromPlaceKey).map((name) => {
    const stands = byName.get(faceKey(name.author, name.messageId));
    return stands === undefined
      ? context.store.removePlace(room.id, name)
      : context.store.putPlace(room.id, stands);
  });
  await room.save(context, { changes });
}

/** The trace of what was taken back says that the server is still to be told. */
async function clearDeletion(context: Context, room: Room, seq: Seq): Promise<void> {
  const message = await context.store.message(room.id, orderOf(room.record, seq));
  const isOwed = message?.own === true && message.content.kind === 'deleted';
  await room.save(context, {
    changes: isOwed
      ? [context.store.oweDeletion(room.id, seq)]
      : context.store.settleDeletions(room.id, [seq]),
  });
}

/** The log decides about a commit that was sent; where it was the first one, only a next incarnation leads on from it. */
async function clearPending(context: Context, room: Room): Promise<void> {
  const isFirst = room.record.state === 'creating';
  await room.save(context, {
    ...(isFirst ? { record: wantRenewal({ ...room.record, state: 'joined' }, 'urgent') } : {}),
    changes: [context.store.removePending(room.id)],
  });
}
