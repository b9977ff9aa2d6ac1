import { z } from 'zod';
import { conversationId, deviceId, messageId, seq, timestamp, userId } from '@wisp/protocol';

/*
 * What the engine stores of conversations: JSON, sealed by the store. Keys are made in `keys.ts`.
 */

const hash = z.string();

export const timerRecord = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('off') }),
  z.object({ mode: z.enum(['afterSend', 'afterRead']), ttlSeconds: z.int().min(1) }),
]);

export const holdRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('histories-differ'), evidence: z.string() }),
  z.object({ kind: z.literal('rolled-back') }),
  z.object({ kind: z.literal('identity-changed'), userId }),
  z.object({ kind: z.literal('peer-deleted-account') }),
  z.object({ kind: z.literal('out-of-step') }),
  z.object({ kind: z.literal('left') }),
]);

/** What this engine has seen of one sending device in the current incarnation (protocol §5). */
export const senderRecord = z.object({
  /** The newest counter that was accepted. */
  n: z.int().min(0),
  /** How many mode-0 messages it said it had sent. */
  kept: z.int().min(0),
  /** Mode-0 messages that `kept` counts and this engine never got; valid deletes explain them away. */
  missing: z.int().min(0),
});
export type SenderRecord = z.infer<typeof senderRecord>;

export const conversationRecord = z.object({
  id: conversationId,
  kind: z.enum(['direct', 'group', 'self']),
  incarnation: z.int().min(1),
  /** `creating`: its first commit hasn't come back in the log yet. */
  state: z.enum(['creating', 'joined', 'left']),
  peer: userId.nullable(),
  users: z.array(userId),
  timeline: z.int().min(0),
  /** Everything up to this seq was walked. */
  cursor: seq,
  /** SHA-256 of the newest entry that was walked. */
  headSeq: seq,
  headHash: hash,
  /** The newest commit entry that was walked, valid or not. */
  lastCommitSeq: seq,
  /** By the server's word. */
  serverHead: seq,
  /** The newest counter that this device gave out. */
  ownN: z.int().min(0),
  ownKept: z.int().min(0),
  sentSinceHealing: z.int().min(0),
  healedAt: timestamp,
  senders: z.record(z.string(), senderRecord),
  /** What the peer's devices have acknowledged: device → seq. */
  acked: z.record(z.string(), seq),
  timer: timerRecord,
  hold: holdRecord.nullable(),
  /** Holds that a person has released: the evidence that was seen. */
  released: z.array(z.string()),
  /** Everything up to this order has been seen by the user. */
  seenOrder: z.number(),
  unread: z.int().min(0),
  firstUnread: z.string().nullable(),
  spoken: z.boolean(),
  draft: z.string(),
  activeAt: timestamp,
});
export type ConversationRecord = z.infer<typeof conversationRecord>;

export const storedContent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    text: z.string(),
    quote: z.object({ author: userId, messageId, excerpt: z.string() }).nullable(),
    edited: z.boolean(),
  }),
  z.object({ kind: z.literal('unknown'), type: z.int() }),
  z.object({ kind: z.literal('undecryptable'), reason: z.enum(['waiting', 'key-gone', 'refused']) }),
  z.object({ kind: z.literal('deleted'), by: userId }),
  z.object({ kind: z.literal('removed-by-server') }),
  z.object({ kind: z.literal('notice'), notice: z.unknown() }),
]);
export type StoredContent = z.infer<typeof storedContent>;

/** A message on this device; it stands under its place in the timeline. */
export const messageRecord = z.object({
  author: userId,
  device: deviceId,
  messageId,
  own: z.boolean(),
  /** The entry's seq, or a place after all entries while it waits. */
  order: z.number(),
  /** The entry's seq once it is known. */
  seq: seq.nullable(),
  content: storedContent,
  /** SHA-256 of the entry's bytes; how an own entry is recognised. */
  hash: hash.nullable(),
  mode: z.enum(['off', 'afterSend', 'afterRead']),
  ttlSeconds: z.int().min(0),
  sentAt: timestamp,
  /** Server time; null while it waits. */
  acceptedAt: timestamp.nullable(),
  /** The server's deadline. */
  expiresAt: timestamp.nullable(),
  /** When this device got it, server time. */
  receivedAt: timestamp,
  /** When the user first saw it, server time. */
  seenAt: timestamp.nullable(),
  /** When this device deletes it, server time. */
  deadline: timestamp.nullable(),
  /** Own: when somebody has read it. */
  readAt: timestamp.nullable(),
  failed: z.enum(['refused', 'too-large', 'not-member', 'held']).nullable(),
});
export type MessageRecord = z.infer<typeof messageRecord>;

/** A message that waits to be stored by the server: sealed plaintext, encrypted only when it goes. */
export const outboxRecord = z.object({
  messageId,
  /** Bytes of the body's content by type (JSON of the protocol's body input). */
  draft: z.unknown(),
  mode: z.enum(['off', 'afterSend', 'afterRead']),
  ttlSeconds: z.int().min(0),
  /** Derived messages die with their target: the latest server time. */
  diesAt: timestamp.nullable(),
  silent: z.boolean(),
  enteredAt: timestamp,
  /** The users when Enter was pressed. */
  users: z.array(userId),
  /** Given once it is first encrypted. */
  n: z.int().min(1).nullable(),
  kept: z.int().min(0).nullable(),
  /** The bytes that went out under this n, base64url. */
  sealed: z.string().nullable(),
  sealedHash: hash.nullable(),
  asks: z.enum(['waited-a-day', 'somebody-joined']).nullable(),
  confirmed: z.boolean(),
});
export type OutboxRecord = z.infer<typeof outboxRecord>;

/** A commit of our own that was stored before it was sent (protocol §4). */
export const pendingRecord = z.object({
  /** e2ee's encoding of the pending commit, base64url. */
  pending: z.string(),
  opens: z.enum(['create', 'incarnation']).nullable(),
  lastCommitSeq: seq,
  attempts: z.int().min(0),
});
export type PendingRecord = z.infer<typeof pendingRecord>;
