import { z } from 'zod';
import { conversationId, deviceId, messageId, seq, timestamp, userId } from '@wisp/protocol';

/*
 * What the engine stores of conversations: JSON, sealed by the store. Keys are made in `keys.ts`.
 */

const hash = z.string();

/** As on the wire (protocol §5). */
const timerMode = z.enum(['none', 'after-send', 'after-read']);
/** `ttl` in seconds; 0 exactly when `mode` is `none`. */
export const timerRecord = z.object({ mode: timerMode, ttl: z.int().min(0) });
export type TimerRecord = z.infer<typeof timerRecord>;

export const holdRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('histories-differ'), evidence: z.string() }),
  z.object({ kind: z.literal('rolled-back') }),
  z.object({ kind: z.literal('identity-changed'), userId }),
  z.object({ kind: z.literal('peer-deleted-account') }),
  z.object({ kind: z.literal('out-of-step') }),
  z.object({ kind: z.literal('left') }),
]);

/**
 * Seqs of the current incarnation that the whole log lacked when this device passed them. `swept`: the retention that the
 * server states may have taken them; `other`: this device was there, it can't have.
 */
const absentRecord = z.object({ swept: z.int().min(0), other: z.int().min(0) });
export type AbsentRecord = z.infer<typeof absentRecord>;
export const NONE_ABSENT: AbsentRecord = { swept: 0, other: 0 };

/** What this engine has seen of one sending device in the current incarnation (protocol §5). */
export const senderRecord = z.object({
  user: userId,
  /** The newest counter that was accepted. */
  n: z.int().min(0),
  /** How many mode-0 messages it said it had sent. */
  kept: z.int().min(0),
  /** Mode-0 messages that `kept` counts and this engine never got; valid deletes explain them away. */
  missing: z.int().min(0),
  /** What the log had lacked when this sender was last heard. */
  absentBefore: absentRecord.default(NONE_ABSENT),
});
export type SenderRecord = z.infer<typeof senderRecord>;

/** What this device knows of a group's newest epoch beside its secrets: enough to ask for repair and to follow it. */
export const standingRecord = z.object({
  groupId: z.string(),
  epoch: z.int().min(0),
  transcriptHash: hash,
  /** Names the own leaf in a RepairRequest. */
  leafHash: hash,
  /** The encoded ConversationState, base64url. */
  state: z.string(),
});
export type StandingRecord = z.infer<typeof standingRecord>;

/** This device can't follow its group any more and asks to be let back in (protocol §4, Repair). */
export const astrayRecord = z.object({
  reason: z.enum(['commit-unreadable', 'store-damaged', 'store-rolled-back', 'epoch-behind']),
  badSeq: seq.nullable(),
  /** What held sending before. */
  before: holdRecord.nullable(),
  asked: z.int().min(0),
  /** Server time. */
  nextAt: timestamp,
  /** The newest RepairRequest, base64url: stored before it is sent. */
  statement: z.string().nullable(),
  /** The server has it. */
  isTold: z.boolean(),
});
export type AstrayRecord = z.infer<typeof astrayRecord>;

/** The conversation needs its next incarnation (protocol §4); nothing goes out before. */
export const renewalRecord = z.object({
  /** Otherwise it waits until there is something to send. */
  isUrgent: z.boolean(),
  attempts: z.int().min(0),
  /** Server time. */
  nextAt: timestamp,
});

export const conversationRecord = z.object({
  id: conversationId,
  kind: z.enum(['direct', 'group', 'self']),
  incarnation: z.int().min(1),
  /** `creating`: its first commit hasn't come back in the log yet. */
  state: z.enum(['creating', 'joined', 'left']),
  peer: userId.nullable(),
  users: z.array(userId),
  /** The log's timeline that this device follows (server §7); 0: it hasn't heard of one. */
  timeline: z.int().min(0),
  /** By how many entries places on the timeline are ahead of their seq: a restored server gives seqs out again. */
  shift: z.int().min(0).default(0),
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
  /** The newest own counter that the server named at a sync. */
  serverSawCounter: z.int().min(0),
  sentSinceHealing: z.int().min(0),
  healedAt: timestamp,
  senders: z.record(z.string(), senderRecord),
  absent: absentRecord.default(NONE_ABSENT),
  /** By this device's own clock: what stands above the cursor was accepted after that. */
  acceptedOn: timestamp.default(0),
  /** Up to where each user's devices have acknowledged, by the server's word. */
  acked: z.record(z.string(), seq),
  timer: timerRecord,
  hold: holdRecord.nullable(),
  /** Evidence that a person has seen and gone on from. */
  released: z.array(z.string()),
  /** Everything up to this order has been seen by the user. */
  seenOrder: z.number(),
  unread: z.int().min(0),
  firstUnread: z.string().nullable(),
  spoken: z.boolean(),
  draft: z.string(),
  activeAt: timestamp,
  standing: standingRecord.nullable().default(null),
  /** Groups of earlier incarnations. */
  pastGroups: z.array(standingRecord.pick({ groupId: true, epoch: true, transcriptHash: true })).default([]),
  /** The seq of this incarnation's first commit, where this device was there. */
  beganAtSeq: seq.default(0 as never),
  /** The newest incarnation that was walked past with this device in it; its Welcome is to come. */
  heardOf: z.int().min(0).default(0),
  /** An entry of an epoch that this device doesn't know; judged at the head. */
  aheadSeq: seq.nullable().default(null),
  /** Up to here placeholders may stand that are to be read again. */
  rewalkTo: seq.default(0 as never),
  astray: astrayRecord.nullable().default(null),
  renewal: renewalRecord.nullable().default(null),
  /** What this device had counted of its own messages went with a damaged record: the server's word stands in. */
  ownCountLost: z.boolean().default(false),
  /** False: so did what it had counted of others' in this incarnation. */
  sawStart: z.boolean().default(true),
  /** Server time of the newest repair or incarnation: what was asked before is answered. */
  mendedAt: timestamp.default(0),
  /** The newest order that a receipt has told its author of. */
  toldSeenOrder: z.number().default(0),
  /** Others' entries of an absence that the whole log no longer holds; judged at the head. `order`: of the first. */
  unseen: z
    .object({ count: z.int().min(1), order: z.number() })
    .nullable()
    .default(null),
  /** Where the line stands that says so, until the person leaves the chat. */
  goneAt: z.number().nullable().default(null),
  /** Receipts that may still come for own messages with a timer: at most `count`, none stored after `until`. */
  receiptsDue: z
    .object({ count: z.int().min(1), newest: messageId, until: timestamp })
    .nullable()
    .default(null),
});
export type ConversationRecord = z.infer<typeof conversationRecord>;

const noticeRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('created'), by: userId }),
  z.object({ kind: z.literal('timer-changed'), by: userId, timer: timerRecord }),
  z.object({ kind: z.literal('started-over'), userId, verified: z.boolean() }),
  z.object({ kind: z.literal('account-deleted'), userId }),
  z.object({ kind: z.literal('let-back-in') }),
]);
export type NoticeRecord = z.infer<typeof noticeRecord>;

export const storedContent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    text: z.string(),
    /** No excerpt: what is shown of the target is read off the target, so that it dies with it. */
    quote: z.object({ author: userId, messageId }).nullable(),
    edited: z.boolean(),
    /** Own, while an edit is on its way: what the server has of it. */
    accepted: z.object({ text: z.string(), edited: z.boolean() }).nullable().default(null),
  }),
  z.object({ kind: z.literal('unknown'), type: z.int() }),
  z.object({ kind: z.literal('undecryptable'), reason: z.enum(['waiting', 'key-gone', 'refused']) }),
  z.object({ kind: z.literal('deleted'), by: userId }),
  z.object({ kind: z.literal('removed-by-server') }),
  z.object({ kind: z.literal('notice'), notice: noticeRecord }),
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
  timer: timerRecord,
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
  failed: z.enum(['refused', 'too-large', 'not-member', 'held', 'contradicted', 'damaged']).nullable(),
});
export type MessageRecord = z.infer<typeof messageRecord>;

const target = z.object({ author: userId, messageId });

/** What a waiting message says: the body of protocol §5 without what only sealing knows. */
export const sayRecord = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: z.string(),
    quote: z.object({ author: userId, messageId }).nullable(),
  }),
  z.object({ type: z.literal('edit'), target, text: z.string() }),
  z.object({ type: z.literal('delete'), target }),
  z.object({ type: z.literal('receipt'), newestRead: target }),
  z.object({ type: z.literal('joined') }),
]);
export type SayRecord = z.infer<typeof sayRecord>;

/** A message that waits to be stored by the server: sealed plaintext, encrypted only when it goes. */
export const outboxRecord = z.object({
  messageId,
  say: sayRecord,
  timer: timerRecord,
  /** Derived messages die with their target: the latest server time. */
  diesAt: timestamp.nullable(),
  enteredAt: timestamp,
  /** The users when Enter was pressed. */
  users: z.array(userId),
  /** Given once it is first encrypted. */
  n: z.int().min(1).nullable(),
  kept: z.int().min(0).nullable(),
  /** When it was first encrypted: the server can't have stored it before. */
  sealedAt: timestamp.nullable().default(null),
  /** The bytes that go out under this n, base64url; null: they must be made, or made anew. */
  sealed: z.string().nullable(),
  /** SHA-256 of everything that went out under this n: how the own entry is recognised. */
  hashes: z.array(hash),
  asks: z.enum(['waited-a-day', 'somebody-joined']).nullable(),
  /** The person was asked and said: send it. */
  isReleased: z.boolean(),
  /** The server has it by its word (`duplicate`), but its entry hasn't come by yet. */
  confirmed: z.boolean(),
});
export type OutboxRecord = z.infer<typeof outboxRecord>;

/** A commit of our own that was stored before it was sent (protocol §4). */
export const pendingRecord = z.object({
  /** The commit as it stands in the log, base64url. */
  bytes: z.string(),
  /** It may have reached the server. */
  isSent: z.boolean(),
  /** e2ee's encoding of the pending commit, base64url. */
  pending: z.string(),
  opens: z.enum(['create', 'incarnation']).nullable(),
  lastCommitSeq: seq,
  attempts: z.int().min(0),
});
export type PendingRecord = z.infer<typeof pendingRecord>;
