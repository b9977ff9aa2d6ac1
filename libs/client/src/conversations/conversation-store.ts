import { limits, type ConversationId, type MessageId, type Seq, type UserId } from '@wisp/protocol';
import { fromSortable, sortable } from '../store/sortable.js';
import { put, remove, type Change, type KeyRange, type Store } from '../store/store.js';
import { DamagedRecords } from './damaged-records.js';
import { DeadlineRecords, type DueMessage } from './deadline-records.js';
import {
  allOf,
  collections,
  conversationOf,
  deletionKey,
  hashKey,
  messageStoreKey,
  numberIn,
  outboxKey,
  placeKey,
  waitingNumber,
} from './keys.js';
import { conversationRecord, messageRecord, outboxRecord, pendingRecord } from './records.js';
import type { ConversationRecord, MessageRecord, OutboxRecord, PendingRecord } from './records.js';
import { encode, SoundRecords } from './sound-records.js';

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

/**
 * Conversations in the store: typed reads, and the changes that a commit is put together from. A damaged record counts as
 * absent, but for a session: without its own nobody may go on.
 */
export class ConversationStore {
  readonly deadlines: DeadlineRecords;
  readonly damaged: DamagedRecords;
  /** `onDamaged` of it hears of each damaged record that a read meets. */
  readonly sound: SoundRecords;

  constructor(private readonly store: Store) {
    this.deadlines = new DeadlineRecords(store);
    this.damaged = new DamagedRecords(store, this.deadlines);
    this.sound = new SoundRecords(store);
  }

  commit(changes: readonly Change[]): Promise<void> {
    return this.store.commit(changes);
  }

  /** Those that are sound, and the ids of the others. */
  async conversations(): Promise<{ sound: ConversationRecord[]; damaged: ConversationId[] }> {
    const found = await this.sound.range(conversationRecord, collections.conversations);
    const sound = found.map(({ record }) => record);
    const known = new Set<string>(sound.map(({ id }) => id));
    const stored = await this.keys(collections.conversations);
    return { sound, damaged: stored.filter((key) => !known.has(key)) as ConversationId[] };
  }

  putConversation(record: ConversationRecord): Change {
    return put(collections.conversations, record.id, encode(record));
  }

  /** All that there is of a conversation, damaged or not. */
  async removeConversation(id: ConversationId): Promise<Change[]> {
    const changes = [
      remove(collections.conversations, id),
      this.removePending(id),
      ...this.removeSession(id),
      ...(await this.deadlines.all())
        .filter(({ conversation }) => conversation === id)
        .map((noted) => this.deadlines.remove(noted)),
    ];
    const { messages, places, outbox, hashes, deletions } = collections;
    for (const collection of [messages, places, outbox, hashes, deletions])
      changes.push(...(await this.keys(collection, allOf(id))).map((key) => remove(collection, key)));
    return changes;
  }

  message(conversation: ConversationId, order: number): Promise<MessageRecord | null> {
    return this.sound.get(messageRecord, {
      collection: collections.messages,
      key: messageStoreKey(conversation, order),
    });
  }

  async findMessage(
    conversation: ConversationId,
    author: UserId,
    id: MessageId,
  ): Promise<MessageRecord | null> {
    const at = { collection: collections.places, key: placeKey(conversation, author, id) };
    const place = await this.sound.bytes(at);
    if (place !== null) return this.message(conversation, fromSortable(decoder.decode(place)));
    if (!(await this.damaged.has(at))) return null;
    const all = await this.page(conversation, { before: null, limit: EVERYTHING });
    return all.find((message) => message.author === author && message.messageId === id) ?? null;
  }

  /** The newest messages before an order, oldest first. */
  async page(
    conversation: ConversationId,
    range: { before: number | null; limit: number },
  ): Promise<MessageRecord[]> {
    const { from, to } = allOf(conversation);
    const records = await this.sound.range(messageRecord, collections.messages, {
      from,
      to: range.before === null ? to : messageStoreKey(conversation, range.before),
      limit: range.limit,
      reverse: true,
    });
    return records.reverse().map(({ record }) => record);
  }

  /** A message, its place and its deadline. */
  putMessage(conversation: ConversationId, record: MessageRecord): Change[] {
    return [
      put(collections.messages, messageStoreKey(conversation, record.order), encode(record)),
      this.putPlace(conversation, record),
      ...this.deadlineOf(conversation, record).map((noted) => this.deadlines.put(noted)),
    ];
  }

  putPlace(
    conversation: ConversationId,
    { author, messageId, order }: Pick<MessageRecord, 'author' | 'messageId' | 'order'>,
  ): Change {
    const key = placeKey(conversation, author, messageId);
    return put(collections.places, key, encoder.encode(sortable(order)));
  }

  removePlace(
    conversation: ConversationId,
    { author, messageId }: Pick<MessageRecord, 'author' | 'messageId'>,
  ): Change {
    return remove(collections.places, placeKey(conversation, author, messageId));
  }

  removeMessage(conversation: ConversationId, record: MessageRecord): Change[] {
    return [...this.lift(conversation, record), this.removePlace(conversation, record)];
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
      ...this.deadlineOf(conversation, record).map((noted) => this.deadlines.remove(noted)),
    ];
  }

  private deadlineOf(conversation: ConversationId, { deadline, order }: MessageRecord): DueMessage[] {
    return deadline === null ? [] : [{ at: deadline, conversation, order }];
  }

  async outbox(conversation: ConversationId, limit: number): Promise<NumberedOutboxRecord[]> {
    const range = { ...allOf(conversation), limit };
    const found = await this.sound.range(outboxRecord, collections.outbox, range);
    return found.map(({ key, record }) => ({ number: numberIn(key), record }));
  }

  async outboxItem(conversation: ConversationId, number: number): Promise<OutboxRecord | null> {
    return this.sound.get(outboxRecord, {
      collection: collections.outbox,
      key: outboxKey(conversation, number),
    });
  }

  /** The next number in a conversation's outbox: above all that wait, and above failed ones on the timeline. */
  async nextOutboxNumber(conversation: ConversationId): Promise<number> {
    const last = { ...allOf(conversation), limit: 1, reverse: true } as const;
    const [waiting] = await this.keys(collections.outbox, last);
    const [shown] = await this.keys(collections.messages, last);
    return 1 + Math.max(waiting ? numberIn(waiting) : 0, shown ? waitingNumber(numberIn(shown)) : 0);
  }

  putOutbox(conversation: ConversationId, item: NumberedOutboxRecord): Change {
    return put(collections.outbox, outboxKey(conversation, item.number), encode(item.record));
  }

  removeOutbox(conversation: ConversationId, number: number): Change {
    return remove(collections.outbox, outboxKey(conversation, number));
  }

  pending(conversation: ConversationId): Promise<PendingRecord | null> {
    return this.sound.get(pendingRecord, { collection: collections.pending, key: conversation });
  }

  putPending(conversation: ConversationId, record: PendingRecord): Change {
    return put(collections.pending, conversation, encode(record));
  }

  removePending(conversation: ConversationId): Change {
    return remove(collections.pending, conversation);
  }

  heldHash(conversation: ConversationId, seq: Seq): Promise<Uint8Array | null> {
    return this.sound.bytes({ collection: collections.hashes, key: hashKey(conversation, seq) });
  }

  /** Of which entries a hash is held, in their order. */
  async heldSeqs(conversation: ConversationId): Promise<Seq[]> {
    const keys = await this.keys(collections.hashes, allOf(conversation));
    return keys.map((key) => numberIn(key) as Seq);
  }

  /** How many hashes are held of the entries after one seq, up to another. */
  async countHashes(conversation: ConversationId, range: { after: Seq; through: Seq }): Promise<number> {
    const held = await this.keys(collections.hashes, {
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
      const above = await this.keys(collection, { from, to });
      changes.push(...above.map((key) => remove(collection, key)));
    }
    return changes;
  }

  /** Throws `StoreDamaged` where it doesn't open. */
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
    const value = await this.sound.bytes({ collection: collections.sync, key: name });
    return value === null ? null : decoder.decode(value);
  }

  putSyncValue(name: SyncValue, value: string): Change {
    return put(collections.sync, name, encoder.encode(value));
  }

  /** The next sync answers with everything. */
  forgetSync(): Change {
    return remove(collections.sync, 'since' satisfies SyncValue);
  }

  /** Deletes for everyone that the server hasn't confirmed, by conversation. */
  async owedDeletions(): Promise<{ conversation: ConversationId; seqs: Seq[] }[]> {
    const owed = new Map<ConversationId, Seq[]>();
    const range = { limit: limits.deletionsPerRequest };
    for (const key of await this.sound.openKeys(collections.deletions, range)) {
      const id = conversationOf(key);
      owed.set(id, [...(owed.get(id) ?? []), numberIn(key) as Seq]);
    }
    return [...owed].map(([conversation, seqs]) => ({ conversation, seqs }));
  }

  oweDeletion(conversation: ConversationId, seq: Seq): Change {
    return put(collections.deletions, deletionKey(conversation, seq), encoder.encode('-'));
  }

  settleDeletions(conversation: ConversationId, seqs: readonly Seq[]): Change[] {
    return seqs.map((seq) => remove(collections.deletions, deletionKey(conversation, seq)));
  }

  /** In order, of damaged records too. */
  private async keys(collection: string, range?: KeyRange): Promise<string[]> {
    return (await this.store.range(collection, range)).map(({ key }) => key);
  }
}
