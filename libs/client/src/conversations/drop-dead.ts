import type { Context } from './context.js';
import type { OutboxRecord } from './records.js';
import type { Room } from './room.js';

const OUTBOX_WINDOW = 1000;
/** The shortest life that a message can be given. */
const SHORTEST = 1000;

/** What it is about has died, or will have before it could arrive. */
export function isDead(context: Context, { diesAt }: OutboxRecord): boolean {
  return diesAt !== null && diesAt <= context.time.now() + SHORTEST;
}

/** A derived message whose target died before it ever went out says nothing: it never goes. */
export async function dropDead(context: Context, room: Room): Promise<void> {
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const changes = waiting
    .filter(({ record }) => record.n === null && record.say.type !== 'text' && isDead(context, record))
    .map(({ number }) => context.store.removeOutbox(room.id, number));
  if (changes.length > 0) await room.save(context, { changes });
}
