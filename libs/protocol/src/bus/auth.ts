import { z } from 'zod';
import { fixedBytesText } from '../bytes.js';
import { keyPackageRef } from '../http/devices.js';
import { conversationId, deviceId, sessionId, timestamp, userId } from '../ids.js';

/** A session, or all of a device or a user, that ended at `at`: tokens issued before it are void. */
export const revocation = z.object({
  at: timestamp,
  user: userId,
  session: sessionId.optional(),
  device: deviceId.optional(),
});
export type Revocation = z.infer<typeof revocation>;

export const revocationsRequest = z.strictObject({});
/** The last 15 minutes. */
export const revocationsReply = z.object({ revocations: z.array(revocation) });

export const keyPackagesClaimedRequest = z.strictObject({
  claimer: userId,
  conversation: conversationId,
  packages: z.array(z.strictObject({ user: userId, device: deviceId, ref: keyPackageRef })).max(100),
});
/** Per package: was it claimed by this user for this conversation? */
export const keyPackagesClaimedReply = z.object({ claimed: z.array(z.boolean()) });

export const deviceListsRequest = z.strictObject({ users: z.array(userId).min(1).max(500) });
export const deviceListsReply = z.object({
  lists: z.array(
    z.object({
      user: userId,
      deleted: z.boolean(),
      version: z.int().min(1),
      /** SHA-256 of the statement. */
      hash: fixedBytesText(32),
      devices: z.array(z.object({ device: deviceId, signatureKey: fixedBytesText(32) })),
    }),
  ),
});

export const keyPackageCountRequest = z.strictObject({ device: deviceId });
export const keyPackageCountReply = z.object({ count: z.int() });

export const jwksRequest = z.strictObject({});

export const accountDeleted = z.object({ user: userId, at: timestamp });
export const deviceListPublished = z.object({ user: userId, version: z.int() });
