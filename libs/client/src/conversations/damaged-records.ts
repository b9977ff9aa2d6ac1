import type { z } from 'zod';
import type { ConversationId } from '@wisp/protocol';
import { fromSortable } from '../store/sortable.js';
import { remove, StoreDamaged, type Change, type Store } from '../store/store.js';
import type { DeadlineRecords } from './deadline-records.js';
import { allOf, collections, messageStoreKey } from './keys.js';
import { messageRecord, outboxRecord, pendingRecord } from './records.js';
import { isSound, type DamagedRecord } from './sound-records.js';

/** Collections of more than bytes. */
const schemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [collections.messages, messageRecord],
  [collections.outbox, outboxRecord],
  [collections.pending, pendingRecord],
]);

/** Records that don't open or aren't what they should be, as those see them who clear them away. */
export class DamagedRecords {
  constructor(
    private readonly store: Store,
    private readonly deadlines: DeadlineRecords,
  ) {}

  /** It is there, and damaged. */
  async has({ collection, key }: DamagedRecord): Promise<boolean> {
    try {
      const value = await this.store.get(collection, key);
      return value !== null && !isSound(schemas.get(collection) ?? null, value);
    } catch (error) {
      if (error instanceof StoreDamaged) return true;
      throw error;
    }
  }

  /** The keys of a conversation's damaged records in one collection. */
  async keys(collection: string, conversation: ConversationId): Promise<string[]> {
    const schema = schemas.get(collection) ?? null;
    const stored = await this.store.range(collection, allOf(conversation));
    return stored.filter(({ value }) => !isSound(schema, value)).map(({ key }) => key);
  }

  /** Messages of which nothing but their orders is known, with their places and deadlines. */
  async removeMessages(conversation: ConversationId, orders: ReadonlySet<number>): Promise<Change[]> {
    const decoder = new TextDecoder();
    const places = await this.store.range(collections.places, allOf(conversation));
    const deadlines = await this.deadlines.all();
    return [
      ...[...orders].map((order) => remove(collections.messages, messageStoreKey(conversation, order))),
      ...places
        .filter(({ value }) => value !== null && orders.has(fromSortable(decoder.decode(value))))
        .map(({ key }) => remove(collections.places, key)),
      ...deadlines
        .filter((noted) => noted.conversation === conversation && orders.has(noted.order))
        .map((noted) => this.deadlines.remove(noted)),
    ];
  }
}
