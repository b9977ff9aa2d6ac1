import { z } from 'zod';
import { bytesText } from '../bytes.js';
import { conversationId, seq, timestamp, userId } from '../ids.js';
import { limits } from '../limits.js';
import { appendAnswer, syncAnswer, syncToken } from '../log.js';
import { problemCode } from '../problems.js';
import { clientFrame } from './frame.js';

/** `auth` of the Socket.IO handshake. User and device are the token's. */
export const handshake = z.strictObject({
  token: z.string().min(1).max(4096),
  protocol: z.int().min(1),
  since: syncToken.optional(),
});
export type Handshake = z.infer<typeof handshake>;

/** What any frame may be answered with instead of its ack. */
export const errorAck = z.object({
  code: problemCode,
  /** Seconds. */
  retryAfter: z.number().min(0).optional(),
  field: z.string().optional(),
});
export type ErrorAck = z.infer<typeof errorAck>;

export const appendFrame = clientFrame({
  event: 'append',
  summary: "Appends messages to a conversation's log, in this order; one frame in flight per conversation.",
  payload: z.strictObject({
    conversation: conversationId,
    messages: z.array(bytesText(limits.messageBytes, 1)).min(1).max(limits.messagesPerAppend),
  }),
  ack: appendAnswer,
});
export type AppendFrame = z.infer<typeof appendFrame.payload>;

export const syncFrame = clientFrame({
  event: 'sync',
  summary: 'The same as `GET /api/messages/sync`.',
  payload: z.strictObject({ since: syncToken.optional() }),
  ack: syncAnswer,
});

export const ackFrame = clientFrame({
  event: 'ack',
  summary: 'This device has stored everything up to seq. At most one a second for each conversation.',
  payload: z.strictObject({ conversation: conversationId, seq }),
  ack: z.strictObject({}),
});

export const watchFrame = clientFrame({
  event: 'watch',
  summary: 'Which conversation is on the screen: its typing is sent to this socket.',
  payload: z.strictObject({ conversation: conversationId.nullable() }),
  ack: z.strictObject({}),
});

export const typingFrame = clientFrame({
  event: 'typing',
  summary: 'The user types, or no longer.',
  payload: z.strictObject({ conversation: conversationId, on: z.boolean() }),
  ack: z.strictObject({}),
});

export const presenceFrame = clientFrame({
  event: 'presence',
  summary:
    'Whose presence this socket wants to follow; only people with whom it shares a conversation count.',
  payload: z.strictObject({ users: z.array(userId).max(100) }),
  ack: z.object({ online: z.array(userId) }),
});

export const renewFrame = clientFrame({
  event: 'renew',
  summary: 'A new access token of the same session and device; the socket lives until its end.',
  payload: z.strictObject({ token: z.string().min(1).max(4096) }),
  ack: z.object({ until: timestamp }),
});

export const clientFrames = [
  appendFrame,
  syncFrame,
  ackFrame,
  watchFrame,
  typingFrame,
  presenceFrame,
  renewFrame,
] as const;
