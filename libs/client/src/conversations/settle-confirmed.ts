import { announceMessages } from './announce.js';
import { deadlineOf } from './clocks.js';
import type { Context } from './context.js';
import { removeMessages } from './expiry.js';
import { isAstray } from './astray.js';
import { holdSending } from './holds.js';
import { orderOf } from './keys.js';
import type { Room } from './room.js';

/**
 * Own messages that the server has by its word, and whose entries the whole log up to the head doesn't hold: a
 * message with a timer has gone already; a permanent one is missing. Call it within the serial.
 */
export async function settleConfirmed(context: Context, room: Room): Promise<void> {
  if (room.record.state === 'left' || isAstray(room.record)) return;
  if (room.record.cursor < room.record.serverHead) return;
  const waiting = await context.store.outbox(room.id, 64);
  for (const item of waiting) {
    if (!item.record.confirmed || item.record.n === null || item.record.n > room.record.serverSawCounter)
      continue;
    await room.save(context, { changes: [context.store.removeOutbox(room.id, item.number)] });
    const message = await context.store.findMessage(room.id, context.self.userId, item.record.messageId);
    if (item.record.timer.mode !== 'none') {
      if (message !== null) await removeMessages(context, room, { messages: [message], cause: 'expired' });
      continue;
    }
    if (message !== null) {
      const placed = {
        ...message,
        order: orderOf(room.record, room.record.cursor) + 1,
        acceptedAt: context.time.now(),
      };
      const after = { ...placed, deadline: deadlineOf(placed) };
      await room.save(context, {
        changes: context.store.replaceMessage(room.id, { before: message, after }),
      });
      await announceMessages(context, room, [after]);
    }
    await holdSending(context, room, `own permanent message n ${item.record.n} is missing`);
  }
}
