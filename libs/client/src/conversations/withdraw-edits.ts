import type { Change } from '../store/store.js';
import type { Context } from './context.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';

const OUTBOX_WINDOW = 1000;

/**
 * Edits that wait die with what they change (protocol §6): their words leave the outbox. One that went out already keeps
 * its place, as its counter has to be used; its bytes can't be opened any more.
 */
export async function withdrawEdits(
  context: Context,
  room: Room,
  gone: readonly Pick<MessageRecord, 'author' | 'messageId'>[],
): Promise<Change[]> {
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  return waiting.flatMap(({ number, record }) => {
    const { say } = record;
    if (say.type !== 'edit') return [];
    const { target } = say;
    const isDead = gone.some(
      ({ author, messageId }) => author === target.author && messageId === target.messageId,
    );
    if (!isDead) return [];
    return record.n === null
      ? [context.store.removeOutbox(room.id, number)]
      : [context.store.putOutbox(room.id, { number, record: { ...record, say: { type: 'joined' } } })];
  });
}
