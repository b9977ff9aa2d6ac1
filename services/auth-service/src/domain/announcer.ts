import type { Revocation, UserId } from '@wisp/protocol';

/** Tells the other services what was stored. It never fails: who missed it asks when it is back. */
export interface Announcer {
  revoked(revocations: readonly Revocation[]): Promise<void>;
  deviceListPublished(published: { user: UserId; version: number }): Promise<void>;
  accountDeleted(deleted: { user: UserId; at: number }): Promise<void>;
}
