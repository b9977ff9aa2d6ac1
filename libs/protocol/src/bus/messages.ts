import { z } from 'zod';
import { bytesText } from '../bytes.js';
import { role } from '../http/conversations.js';
import { commitId, conversationId, deviceId, seq, timestamp, userId } from '../ids.js';
import { limits } from '../limits.js';
import { appendAnswer, fetchAnswer, fetchWish, syncAnswer, syncToken, timeline } from '../log.js';

/** User and device are the token's: the gateway vouches for them. */
const caller = { user: userId, device: deviceId };

export const appendMessagesRequest = z.strictObject({
  /** What is older than this when its turn comes is dropped unseen. Milliseconds. */
  budgetMs: z.int().min(1).max(60_000),
  messages: z
    .array(
      z.strictObject({ ...caller, conversation: conversationId, body: bytesText(limits.messageBytes, 1) }),
    )
    .min(1)
    .max(64),
});
export type AppendMessagesRequest = z.infer<typeof appendMessagesRequest>;
export const appendMessagesReply = appendAnswer;

export const appendCommitRequest = z.strictObject({
  ...caller,
  conversation: conversationId,
  commitId,
  lastCommitSeq: seq,
  body: bytesText(limits.commitBytes, 1),
  /** `create`: the conversation's very first commit; `incarnation`: the first of its next incarnation. */
  opens: z.enum(['create', 'incarnation']).optional(),
  /** The role of the creator; only with `create`. */
  creatorRole: role.optional(),
  adds: z.array(z.strictObject({ user: userId, device: deviceId, role })).max(limits.devicesPerGroup),
  removes: z.array(deviceId).max(limits.devicesPerGroup),
  /** Users whose role changes. */
  roles: z.array(z.strictObject({ user: userId, role })).max(limits.usersPerGroup),
  /** Added devices that may have been here before. */
  readmit: z.array(deviceId).max(limits.devicesPerGroup),
});
export type AppendCommitRequest = z.infer<typeof appendCommitRequest>;

export const appendCommitReply = z.discriminatedUnion('status', [
  /** Stored now, or before under this commitId: the first answer. */
  z.object({ status: z.literal('appended'), seq, acceptedAt: timestamp, timeline }),
  z.object({ status: z.literal('stale'), newestCommitSeq: seq }),
  z.object({ status: z.literal('not-member') }),
  /** With `create`: the id is taken. */
  z.object({ status: z.literal('conversation-exists') }),
  /** An added device was here before and isn't in `readmit`, or belongs to another user. */
  z.object({ status: z.literal('device-known') }),
  z.object({ status: z.literal('unavailable') }),
]);
export type AppendCommitReply = z.infer<typeof appendCommitReply>;

/**
 * A user leaves by their own word, before any commit says so. `newestCommitSeq` is the newest commit that the word is
 * about: whoever came back by a later one stays.
 */
export const departureRequest = z.strictObject({
  conversation: conversationId,
  user: userId,
  newestCommitSeq: seq,
});
/** The user's devices that are members no more. */
export const departureReply = z.object({ left: z.array(deviceId) });

export const attachRequest = z.strictObject(caller);
export const attachReply = z.object({
  conversations: z.array(z.object({ conversation: conversationId, newestCommitSeq: seq })),
});

export const membersRequest = z.strictObject({ conversation: conversationId });
export const membersReply = z.object({
  newestCommitSeq: seq,
  members: z.array(z.object({ user: userId, device: deviceId, role })),
});

export const syncRequest = z.strictObject({ ...caller, since: syncToken.optional() });
export const syncReply = syncAnswer;

export const fetchRequest = z.strictObject({
  ...caller,
  conversations: z.array(fetchWish).min(1).max(limits.fetchConversations),
});
export const fetchReply = fetchAnswer;

export const ackRequest = z.strictObject({
  acks: z
    .array(z.strictObject({ ...caller, conversation: conversationId, seq }))
    .min(1)
    .max(1000),
});
/** `busy`: indices of marks whose rows were locked; send those again. */
export const ackReply = z.object({ busy: z.array(z.int()) });

/** What message-service tells the gateways. Each item names the conversation's newest commit entry. */
const about = { conversation: conversationId, newestCommitSeq: seq };

export const deliveryItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('message'),
    ...about,
    seq,
    user: userId,
    device: deviceId,
    acceptedAt: timestamp,
    expiresAt: timestamp.optional(),
    body: z.string(),
  }),
  z.object({
    kind: z.literal('commit'),
    ...about,
    seq,
    user: userId,
    device: deviceId,
    acceptedAt: timestamp,
    /** Absent above the size that is pushed: the gateway rings. */
    body: z.string().optional(),
    adds: z.array(z.object({ user: userId, device: deviceId })),
    removes: z.array(deviceId),
    /** The commit entry before this one: a map that is of another has missed some. */
    previousCommitSeq: seq,
  }),
  /** The head, rung: an entry too large to push, a duplicate, a publisher's return. */
  z.object({ kind: z.literal('head'), ...about, seq }),
  z.object({ kind: z.literal('expired'), ...about, seqs: z.array(seq).min(1) }),
  z.object({ kind: z.literal('acked'), ...about, user: userId, device: deviceId, seq }),
  /** Memberships that ended without a commit: a deleted account, a leave. */
  z.object({ kind: z.literal('ended'), ...about, user: userId, devices: z.array(deviceId) }),
]);
export type DeliveryItem = z.infer<typeof deliveryItem>;

/** One publisher's stream to a cell: `number` counts from 1 without a gap; a beat is an envelope without items. */
export const deliveryEnvelope = z.object({
  /** A random id, new with each start of a publisher. */
  process: z.string().min(1).max(64),
  number: z.int().min(1),
  timeline,
  items: z.array(deliveryItem),
  /** The publisher stops: its silence means nothing. */
  bye: z.boolean().optional(),
});
export type DeliveryEnvelope = z.infer<typeof deliveryEnvelope>;
