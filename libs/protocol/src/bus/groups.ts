import { z } from 'zod';
import { conversationId, deviceId, userId } from '../ids.js';

/** May `claimer` add `target` here? A fresh id that nobody has created may be. */
export const mayAddRequest = z.strictObject({
  claimer: userId,
  target: userId,
  conversation: conversationId,
});
export const mayAddReply = z.object({ allowed: z.boolean() });

export const welcomeCountRequest = z.strictObject({ device: deviceId });
export const welcomeCountReply = z.object({ count: z.int() });

/** Doorbells to devices; nothing is lost with one, since sync and start ask anyway. */
export const notice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('welcome'), conversation: conversationId, devices: z.array(deviceId) }),
  /** To the sockets of all members of the user's conversations. */
  z.object({ kind: z.literal('devices'), user: userId, audience: z.array(userId) }),
  z.object({
    kind: z.literal('device-missing'),
    conversation: conversationId,
    user: userId,
    audience: z.array(userId),
  }),
  z.object({ kind: z.literal('requests'), conversation: conversationId, audience: z.array(userId) }),
]);
export type Notice = z.infer<typeof notice>;
