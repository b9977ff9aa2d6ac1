import { z } from 'zod';
import { conversationId, deviceId, seq, userId } from '../ids.js';
import { logEntry, syncAnswer, timeline } from '../log.js';
import { problemCode } from '../problems.js';
import { serverFrame } from './frame.js';

export const syncedFrame = serverFrame({
  event: 'synced',
  summary: 'First after connect: what changed since the handshake’s token.',
  payload: syncAnswer.extend({
    /** Welcomes that wait for this device. */
    welcomes: z.int().min(0),
    /** One-time KeyPackages that are left. */
    keyPackages: z.int().min(0),
  }),
});

export const entriesFrame = serverFrame({
  event: 'entries',
  summary: 'New entries, live. A doorbell: the log is the truth.',
  payload: z.object({ timeline, conversation: conversationId, entries: z.array(logEntry).min(1) }),
});

export const headFrame = serverFrame({
  event: 'head',
  summary: 'The log has entries up to seq; fetch what is missing.',
  payload: z.object({ timeline, conversation: conversationId, seq }),
});

export const expiredFrame = serverFrame({
  event: 'expired',
  summary: 'Entries that the server has deleted.',
  payload: z.object({ timeline, conversation: conversationId, seqs: z.array(seq).min(1) }),
});

export const ackedFrame = serverFrame({
  event: 'acked',
  summary: 'A device has stored everything up to seq.',
  payload: z.object({ conversation: conversationId, user: userId, device: deviceId, seq }),
});

export const peerTypingFrame = serverFrame({
  event: 'typing',
  summary: 'Somebody types in the watched conversation, or no longer.',
  payload: z.object({ conversation: conversationId, user: userId, on: z.boolean() }),
});

export const peerPresenceFrame = serverFrame({
  event: 'presence',
  summary: 'Somebody came online or went.',
  payload: z.object({ user: userId, online: z.boolean() }),
});

export const welcomeFrame = serverFrame({
  event: 'welcome',
  summary: 'A Welcome waits: ask `GET /api/conversations/welcomes`.',
  payload: z.object({ conversation: conversationId }),
});

export const devicesFrame = serverFrame({
  event: 'devices',
  summary: "A user's device list moved, or the account was deleted: ask for the list.",
  payload: z.object({ user: userId }),
});

export const deviceMissingFrame = serverFrame({
  event: 'device-missing',
  summary: 'A listed device is not in this conversation yet.',
  payload: z.object({ conversation: conversationId, user: userId }),
});

export const requestsFrame = serverFrame({
  event: 'requests',
  summary: 'A leave, repair or join request waits: ask `GET /api/conversations/requests`.',
  payload: z.object({ conversation: conversationId }),
});

/** Milliseconds within which to act, at a random moment. */
const within = z.int().min(0).max(600_000);

export const hintFrame = serverFrame({
  event: 'hint',
  summary: 'Something may have been missed: sync within this time.',
  payload: z.object({ within }),
});

export const byeFrame = serverFrame({
  event: 'bye',
  summary: 'This gateway stops: connect anew within this time.',
  payload: z.object({ within }),
});

export const closingFrame = serverFrame({
  event: 'closing',
  summary: 'The server closes this socket, and why.',
  payload: z.object({ code: problemCode }),
});

export const serverFrames = [
  syncedFrame,
  entriesFrame,
  headFrame,
  expiredFrame,
  ackedFrame,
  peerTypingFrame,
  peerPresenceFrame,
  welcomeFrame,
  devicesFrame,
  deviceMissingFrame,
  requestsFrame,
  hintFrame,
  byeFrame,
  closingFrame,
] as const;
