import type { ConversationId, MessageId, Seq, UserId } from '@wisp/protocol';
import type { MessageKey } from '../face.js';
import { fromSortable, sortable, withPrefix } from '../store/sortable.js';

/** The collections of `conversations/`, each with the form of its keys. */
export const collections = {
  /** conversation */
  conversations: 'conversations',
  /** conversation.tree, conversation.rest */
  sessions: 'sessions',
  /** conversation.order: the timeline */
  messages: 'messages',
  /** conversation.author.messageId: order */
  places: 'places',
  /** conversation.number */
  outbox: 'outbox',
  /** time.conversation.order: what goes next */
  deadlines: 'deadlines',
  /** conversation: the own pending commit */
  pending: 'pending-commits',
  /** conversation.seq: SHA-256 of the entry's bytes */
  hashes: 'hashes',
  /** conversation.seq: a delete for everyone that the server is still to carry out */
  deletions: 'deletions',
  /** single values */
  sync: 'sync',
} as const;

/** Of a conversation's id, a UUID. */
const ID_CHARACTERS = 36;
/** Room for notices between two entries of the log. */
const PLACES_PER_SEQ = 4;
/** Waiting messages stand after every entry that a log can have. */
const WAITING = 2 ** 52;

/** The last place that a timeline has. A server that names a later one is lying: whatever it says stands there. */
const LAST_SEQ = 2 ** 48 - 1;
export const placeOf = (seq: number): number => Math.min(seq, LAST_SEQ);

/** An entry's place on the timeline. */
export const orderOf = ({ shift }: { shift: number }, seq: Seq): number =>
  placeOf(seq + shift) * PLACES_PER_SEQ;
/** By how many entries a place in the log is ahead of a seq. */
export const shiftOf = ({ order, seq }: { order: number; seq: Seq }): number =>
  Math.floor(order / PLACES_PER_SEQ) - seq;
export const orderOfWaiting = (number: number): number => WAITING + number;
export const isWaiting = (order: number): boolean => order >= WAITING;
/** The number that a waiting message's place is made of; 0 for a place in the log. */
export const waitingNumber = (order: number): number => (isWaiting(order) ? order - WAITING : 0);

/** The id under which something stands that has none of its own. */
export const placeholderId = (seq: Seq): MessageId =>
  `00000000-0000-4000-8000-${placeOf(seq).toString(16).padStart(12, '0')}` as MessageId;

export const messageStoreKey = (conversation: ConversationId, order: number): string =>
  `${conversation}.${sortable(order)}`;
export const outboxKey = (conversation: ConversationId, number: number): string =>
  `${conversation}.${sortable(number)}`;
export const deletionKey = (conversation: ConversationId, seq: Seq): string =>
  `${conversation}.${sortable(seq)}`;
export const hashKey = (conversation: ConversationId, seq: Seq): string => `${conversation}.${sortable(seq)}`;
export const deadlineKey = (at: number, conversation: ConversationId, order: number): string =>
  `${sortable(at)}.${conversation}.${sortable(order)}`;
export const placeKey = (conversation: ConversationId, author: UserId, messageId: MessageId): string =>
  `${conversation}.${author}.${messageId}`;
export function fromPlaceKey(key: string): { author: UserId; messageId: MessageId } {
  const [, author, messageId] = key.split('.');
  return { author: author as UserId, messageId: messageId as MessageId };
}
export const allOf = (conversation: ConversationId) => withPrefix(`${conversation}.`);

/** What the key of a record of these collections begins with. */
export const conversationOf = (key: string): ConversationId => key.slice(0, ID_CHARACTERS) as ConversationId;
/** The number that follows it: an order, a seq, a place in the outbox. */
export const numberIn = (key: string): number => fromSortable(key.slice(ID_CHARACTERS + 1));

/** How the face names a message: stable over all its life, unlike its place. */
export const faceKey = (author: UserId, messageId: MessageId): MessageKey =>
  `${author}:${messageId}` as MessageKey;

export function fromFaceKey(key: MessageKey): { author: UserId; messageId: MessageId } {
  const [author, messageId] = key.split(':');
  return { author: author as UserId, messageId: messageId as MessageId };
}
