import { conversationKind, deviceId, role, userId } from '@wisp/protocol';
import { z } from 'zod';

/** `create`: a conversation's very first commit; `incarnation`: the first of its next MLS group. */
export type Opening = 'create' | 'incarnation';

/** What a commit does to the log's member table and to the projection. It is stored with the pending commit. */
export const commitDelta = z.strictObject({
  kind: conversationKind,
  opens: z.enum(['create', 'incarnation']).optional(),
  incarnation: z.int().min(1),
  /** Devices that become members. */
  adds: z.array(z.strictObject({ user: userId, device: deviceId, role })),
  /** Devices that are members no more. */
  removes: z.array(deviceId),
  /** Those of `adds` that were here before. */
  readmit: z.array(deviceId),
  /** Users who were here and whose role changes. */
  roles: z.array(z.strictObject({ user: userId, role })),
  /** The roster after the commit, where it differs: 0 is out. `listVersion` where a device list came along. */
  users: z.array(
    z.strictObject({
      user: userId,
      role: z.union([z.literal(0), role]),
      listVersion: z.int().min(1).optional(),
    }),
  ),
  /** Who gets the Welcome. */
  welcomed: z.array(z.strictObject({ user: userId, device: deviceId })),
});
export type CommitDelta = z.infer<typeof commitDelta>;
