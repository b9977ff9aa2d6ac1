import { z } from 'zod';
import { bytesText } from './bytes.js';
import { conversationId, deviceId, seq, timestamp, userId } from './ids.js';
import { limits } from './limits.js';

/** Names a moment of the database; opaque, valid within one timeline. */
export const syncToken = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** One restore or failover further, one higher (server §7). */
export const timeline = z.int().min(1);

export const entryKind = z.enum(['message', 'commit']);

/** An entry of a log as devices get it. `device` and `user` are the uploader's, by the server's word. */
export const logEntry = z.object({
  seq,
  kind: entryKind,
  user: userId,
  device: deviceId,
  acceptedAt: timestamp,
  /** Absent: it has no deadline. After-read messages name their hard deadline. */
  expiresAt: timestamp.optional(),
  /** An MLSMessage (RFC 9420 §6). */
  body: bytesText(limits.commitBytes, 1),
});
export type LogEntry = z.infer<typeof logEntry>;

export const fetchWish = z.strictObject({
  conversation: conversationId,
  after: seq,
  limit: z.int().min(1).max(limits.fetchEntries).default(limits.fetchEntries),
});
export type FetchWish = z.infer<typeof fetchWish>;

export const fetchedPage = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    conversation: conversationId,
    through: seq,
    head: seq,
    entries: z.array(logEntry),
  }),
  z.object({ status: z.literal('not-member'), conversation: conversationId }),
  /** The answer's byte limit was reached before this one: ask again. */
  z.object({ status: z.literal('deferred'), conversation: conversationId }),
]);
export type FetchedPage = z.infer<typeof fetchedPage>;

export const fetchAnswer = z.object({ timeline, time: timestamp, pages: z.array(fetchedPage) });
export type FetchAnswer = z.infer<typeof fetchAnswer>;

export const syncedConversation = z.object({
  id: conversationId,
  head: seq,
  newestCommitSeq: seq,
  /** The newest counter that the server has of this device. */
  lastN: z.int().min(0),
  timeline,
  /** Where a restore cut this log: the cursor goes back to it. */
  fork: seq.optional(),
  /** Users whose accounts were deleted. */
  deletedUsers: z.array(userId).optional(),
});
export type SyncedConversation = z.infer<typeof syncedConversation>;

/** How long the log keeps what no timer takes, in seconds from acceptance. */
export const retention = z.object({ messages: z.int().min(1), commits: z.int().min(1) });
export type Retention = z.infer<typeof retention>;

export const syncAnswer = z.object({
  timeline,
  since: syncToken,
  time: timestamp,
  /** Absent: the server is older than this and states none. */
  retention: retention.optional(),
  conversations: z.array(syncedConversation),
  left: z.array(z.object({ id: conversationId, seq })),
});
export type SyncAnswer = z.infer<typeof syncAnswer>;

/** The verdict on one appended message. Only `stored` and `duplicate` are successes. */
export const appendResult = z.discriminatedUnion('status', [
  z.object({ status: z.literal('stored'), seq, acceptedAt: timestamp }),
  z.object({ status: z.literal('duplicate') }),
  /** Made under a commit that is too old: sync, encrypt anew with the same n and messageId. */
  z.object({ status: z.literal('stale'), newestCommitSeq: seq }),
  /** Send again from the first n without an answer. */
  z.object({ status: z.literal('gap'), newestCommitSeq: seq }),
  z.object({ status: z.literal('not-member') }),
  z.object({ status: z.literal('malformed') }),
  z.object({ status: z.literal('too-large') }),
  /** In doubt: a retry decides. */
  z.object({ status: z.literal('unavailable') }),
  z.object({ status: z.literal('overloaded'), retryAfter: z.number() }),
]);
export type AppendResult = z.infer<typeof appendResult>;

export const appendAnswer = z.object({ timeline, results: z.array(appendResult) });
export type AppendAnswer = z.infer<typeof appendAnswer>;
