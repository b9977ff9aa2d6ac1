import { isAstray } from './astray.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { removeMessages } from './expiry.js';
import { giveUp, letGo } from './give-up.js';
import { holdSending } from './holds.js';
import type { OutboxRecord } from './records.js';
import type { Room } from './room.js';

const OUTBOX_WINDOW = 64;

/*
 * What becomes of own messages that the server has by its word (`duplicate`) and whose entries the whole log up to the
 * head doesn't hold. Call these within the serial.
 */

/**
 * The server's own count says as well that it had them. What a timer may have taken since is gone; anything else is
 * missing from the log: it counts as not sent, and a permanent one holds sending.
 */
export async function settleConfirmed(context: Context, room: Room): Promise<void> {
  for (const item of await confirmed(context, room)) {
    const { n, timer } = item.record;
    if (n === null || n > room.record.serverSawCounter) continue;
    if (mayHaveExpired(context, item.record)) await expire(context, room, item);
    else await letGo(context, room, { item, reason: 'contradicted', record: room.record, changes: [] });
    if (timer.mode === 'none') await holdSending(context, room, `own permanent message n ${n} is missing`);
  }
}

/** Which ones wait for their entries now; for `settleContradicted` after the next sync. */
export async function confirmedNumbers(context: Context, room: Room): Promise<ReadonlySet<number>> {
  return new Set((await confirmed(context, room)).map(({ number }) => number));
}

/**
 * A sync that began after the answers says that these were never counted, and the log doesn't hold them: the answers were
 * false, and the counters are free.
 */
export async function settleContradicted(
  context: Context,
  room: Room,
  numbers: ReadonlySet<number>,
): Promise<void> {
  const item = (await confirmed(context, room)).find(
    ({ number, record: { n } }) => numbers.has(number) && n !== null && n > room.record.serverSawCounter,
  );
  // Those after it have the same answer to fear, under counters of their own.
  if (item !== undefined) await giveUp(context, room, { item, reason: 'contradicted' });
}

async function confirmed(context: Context, room: Room): Promise<NumberedOutboxRecord[]> {
  const { record } = room;
  if (record.state === 'left' || isAstray(record) || record.cursor < record.serverHead) return [];
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  return waiting.filter((item) => item.record.confirmed);
}

/** Stored right after it was encrypted, its time would be up. */
function mayHaveExpired(context: Context, { timer, sealedAt, enteredAt }: OutboxRecord): boolean {
  return timer.mode !== 'none' && context.time.now() >= (sealedAt ?? enteredAt) + timer.ttl * 1000;
}

async function expire(context: Context, room: Room, { number, record }: NumberedOutboxRecord): Promise<void> {
  await room.save(context, { changes: [context.store.removeOutbox(room.id, number)] });
  const message = await context.store.findMessage(room.id, context.self.userId, record.messageId);
  if (message !== null) await removeMessages(context, room, { messages: [message], cause: 'expired' });
}
