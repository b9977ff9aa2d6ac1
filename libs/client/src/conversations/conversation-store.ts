import type { z } from 'zod';
import { limits, type ConversationId, type MessageId, type Seq, type UserId } from '@wisp/protocol';
import { fromSortable, sortable } from '../store/sortable.js';
import { put, remove, StoreDamaged, type Change, type Store } from '../store/store.js';
import {
  allOf,
  collections,
  deadlineKey,
  deletionKey,
  hashKey,
  messageStoreKey,
  outboxKey,
  placeKey,
  waitingNumber,
} from './keys.js';
import { conversationRecord, messageRecord, outboxRecord, pendingRecord } from './records.js';
import type { ConversationRecord, MessageRecord, OutboxRecord, PendingRecord } from './records.js';

/** IndexedDB knows no greater limit. */
const EVERYTHING = 2 ** 31 - 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * `synced-at`, `synced-on`: the last sync that was read to the end, by the server's clock and by this device's own.
 * `retention`: the longest that the server has stated.
 */
type SyncValue = 'since' | 'clock-offset' | 'synced-at' | 'synced-on' | 'retention';

export interface NumberedOutboxRecord {
  number: number;
  record: OutboxRecord;
}

export interface DueMessage {
  at: number;
  conversation: ConversationId;
  order: number;
}

/** Conversations in the store: typed reads, and the changes that a commit is put together from. */
export class ConversationStore {
  constructor(private readonly store: Store) {}

  commit(changes: readonly Change[]): Promise<void> {
    return this.store.commit(changes);
  }

  async conversations(): Promise<ConversationRecord[]> {
    const records = await this.store.range(collections.conversations);
    return records.map(({ value }) => decode(conversationRecord, value));
  }

  conversation(id: ConversationId): Promise<ConversationRecord | null> {
    return this.read(conversationRecord, collections.conversations, id);
  }

  putConversation(record: ConversationRecord): Change {
    return put(collections.conversations, record.id, encode(record));
  }

  /** A conversation that never came to be, and what waited in it. */
  async removeConversation(id: ConversationId): Promise<Change[]> {
    const messages = await this.page(id, { before: null, limit: EVERYTHING });
    const waiting = await this.outbox(id, EVERYTHING);
    return [
      remove(collections.conversations, id),
      this.removePending(id),
      ...this.removeSession(id),
      ...messages.flatMap((message) => this.removeMessage(id, message)),
      ...waiting.map(({ number }) => this.removeOutbox(id, number)),
    ];
  }

  message(conversation: ConversationId, order: number): Promise<MessageRecord | null> {
    return this.read(messageRecord, collections.messages, messageStoreKey(conversation, order));
  }

  async findMessage(
    conversation: ConversationId,
    author: UserId,
    id: MessageId,
  ): Promise<MessageRecord | null> {
    const place = await this.store.get(collections.places, placeKey(conversation, author, id));
    return place === null ? null : this.message(conversation, fromSortable(decoder.decode(place)));
  }

  /** The newest messages before an order, oldest first. */
  async page(
    conversation: ConversationId,
    range: { before: number | null; limit: number },
  ): Promise<MessageRecord[]> {
    const { from, to } = allOf(conversation);
    const records = await this.store.range(collections.messages, {
      from,
      to: range.before === null ? to : messageStoreKey(conversation, range.before),
      limit: range.limit,
      reverse: true,
    });
    return records.reverse().map(({ value }) => decode(messageRecord, value));
  }

  /** A message, its place and its deadline. */
  putMessage(conversation: ConversationId, record: MessageRecord): Change[] {
    return [
      put(collections.messages, messageStoreKey(conversation, record.order), encode(record)),
      put(
        collections.places,
        placeKey(conversation, record.author, record.messageId),
        encoder.encode(sortable(record.order)),
      ),
      ...(record.deadline === null
        ? []
        : [
            put(
              collections.deadlines,
              deadlineKey(record.deadline, conversation, record.order),
              encoder.encode('-'),
            ),
          ]),
    ];
  }

  removeMessage(conversation: ConversationId, record: MessageRecord): Change[] {
    return [
      ...this.lift(conversation, record),
      remove(collections.places, placeKey(conversation, record.author, record.messageId)),
    ];
  }

  /** The same message changed, perhaps at another place. */
  replaceMessage(
    conversation: ConversationId,
    messages: { before: MessageRecord; after: MessageRecord },
  ): Change[] {
    return [...this.lift(conversation, messages.before), ...this.putMessage(conversation, messages.after)];
  }

  private lift(conversation: ConversationId, record: MessageRecord): Change[] {
    return [
      remove(collections.messages, messageStoreKey(conversation, record.order)),
      ...(record.deadline === null
        ? []
        : [remove(collections.deadlines, deadlineKey(record.deadline, conversation, record.order))]),
    ];
  }

  async due(until: number, limit: number): Promise<DueMessage[]> {
    const records = await this.store.range(collections.deadlines, { to: sortable(until + 1), limit });
    return records.map(({ key }) => readDeadline(key));
  }

  /** All that have one. */
  async deadlines(): Promise<DueMessage[]> {
    return (await this.store.range(collections.deadlines)).map(({ key }) => readDeadline(key));
  }

  async nextDeadline(): Promise<number | null> {
    const [first] = await this.store.range(collections.deadlines, { limit: 1 });
    return first === undefined ? null : readDeadline(first.key).at;
  }

  removeDeadline(due: DueMessage): Change {
    return remove(collections.deadlines, deadlineKey(due.at, due.conversation, due.order));
  }

  async outbox(conversation: ConversationId, limit: number): Promise<NumberedOutboxRecord[]> {
    const records = await this.store.range(collections.outbox, { ...allOf(conversation), limit });
    return records.map(({ key, value }) => ({
      number: fromSortable(key.slice(conversation.length + 1)),
      record: decode(outboxRecord, value),
    }));
  }

  async outboxItem(conversation: ConversationId, number: number): Promise<OutboxRecord | null> {
    return this.read(outboxRecord, collections.outbox, outboxKey(conversation, number));
  }

  /** The next number in a conversation's outbox: above all that wait, and above failed ones on the timeline. */
  async nextOutboxNumber(conversation: ConversationId): Promise<number> {
    const last = { ...allOf(conversation), limit: 1, reverse: true } as const;
    const numberIn = (key: string) => fromSortable(key.slice(conversation.length + 1));
    const [waiting] = await this.store.range(collections.outbox, last);
    const [shown] = await this.store.range(collections.messages, last);
    return 1 + Math.max(waiting ? numberIn(waiting.key) : 0, shown ? waitingNumber(numberIn(shown.key)) : 0);
  }

  putOutbox(conversation: ConversationId, item: NumberedOutboxRecord): Change {
    return put(collections.outbox, outboxKey(conversation, item.number), encode(item.record));
  }

  removeOutbox(conversation: ConversationId, number: number): Change {
    return remove(collections.outbox, outboxKey(conversation, number));
  }

  pending(conversation: ConversationId): Promise<PendingRecord | null> {
    return this.read(pendingRecord, collections.pending, conversation);
  }

  putPending(conversation: ConversationId, record: PendingRecord): Change {
    return put(collections.pending, conversation, encode(record));
  }

  removePending(conversation: ConversationId): Change {
    return remove(collections.pending, conversation);
  }

  heldHash(conversation: ConversationId, seq: Seq): Promise<Uint8Array | null> {
    return this.store.get(collections.hashes, hashKey(conversation, seq));
  }

  /** How many hashes are held of the entries after one seq, up to another. */
  async countHashes(conversation: ConversationId, range: { after: Seq; through: Seq }): Promise<number> {
    const held = await this.store.range(collections.hashes, {
      from: hashKey(conversation, (range.after + 1) as Seq),
      // Itself included: a lying server names the last number that there is.
      to: `${hashKey(conversation, range.through)}~`,
    });
    return held.length;
  }

  putHash(conversation: ConversationId, entry: { seq: Seq; hash: Uint8Array }): Change {
    return put(collections.hashes, hashKey(conversation, entry.seq), entry.hash);
  }

  removeHash(conversation: ConversationId, seq: Seq): Change {
    return remove(collections.hashes, hashKey(conversation, seq));
  }

  /** Whatever is kept by seqs that the log will give out again: hashes, and deletions that are owed. */
  async forgetSeqsAbove(conversation: ConversationId, seq: Seq): Promise<Change[]> {
    const { to } = allOf(conversation);
    const from = hashKey(conversation, (seq + 1) as Seq);
    const changes: Change[] = [];
    for (const collection of [collections.hashes, collections.deletions]) {
      const above = await this.store.range(collection, { from, to });
      changes.push(...above.map(({ key }) => remove(collection, key)));
    }
    return changes;
  }

  session(conversation: ConversationId, part: 'tree' | 'rest'): Promise<Uint8Array | null> {
    return this.store.get(collections.sessions, `${conversation}.${part}`);
  }

  putSession(conversation: ConversationId, part: { name: 'tree' | 'rest'; bytes: Uint8Array }): Change {
    return put(collections.sessions, `${conversation}.${part.name}`, part.bytes);
  }

  removeSession(conversation: ConversationId): Change[] {
    return [
      remove(collections.sessions, `${conversation}.tree`),
      remove(collections.sessions, `${conversation}.rest`),
    ];
  }

  async syncValue(name: SyncValue): Promise<string | null> {
    const value = await this.store.get(collections.sync, name);
    return value === null ? null : decoder.decode(value);
  }

  putSyncValue(name: SyncValue, value: string): Change {
    return put(collections.sync, name, encoder.encode(value));
  }

  /** Deletes for everyone that the server hasn't confirmed, by conversation. */
  async owedDeletions(): Promise<{ conversation: ConversationId; seqs: Seq[] }[]> {
    const owed = new Map<ConversationId, Seq[]>();
    for (const { key } of await this.store.range(collections.deletions, {
      limit: limits.deletionsPerRequest,
    })) {
      const [conversation, seq] = key.split('.');
      if (conversation === undefined || seq === undefined) throw new StoreDamaged('a deletion');
      const id = conversation as ConversationId;
      owed.set(id, [...(owed.get(id) ?? []), fromSortable(seq) as Seq]);
    }
    return [...owed].map(([conversation, seqs]) => ({ conversation, seqs }));
  }

  oweDeletion(conversation: ConversationId, seq: Seq): Change {
    return put(collections.deletions, deletionKey(conversation, seq), encoder.encode('-'));
  }

  settleDeletions(conversation: ConversationId, seqs: readonly Seq[]): Change[] {
    return seqs.map((seq) => remove(collections.deletions, deletionKey(conversation, seq)));
  }

  private async read<Schema extends z.ZodType>(
    schema: Schema,
    collection: string,
    key: string,
  ): Promise<z.output<Schema> | null> {
    const value = await this.store.get(collection, key);
    return value === null ? null : decode(schema, value);
  }
}

function readDeadline(key: string): DueMessage {
  const [at, conversation, order] = key.split('.');
  if (at === undefined || conversation === undefined || order === undefined)
    throw new StoreDamaged('a deadline');
  return { at: fromSortable(at), conversation: conversation as ConversationId, order: fromSortable(order) };
}

function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function decode<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.output<Schema> {
  const parsed = schema.safeParse(JSON.parse(decoder.decode(bytes)));
  if (!parsed.success) throw new StoreDamaged('a record of an unknown form');
  return parsed.data;
}
