import type { Revocation, UserId } from '@wisp/protocol';
import { readUser, type Database } from './connect-database.js';
import { readRevocation } from './revoke-sessions.js';

/** What other services ask for; older ones end no living token. */
export async function listRevocations(database: Database): Promise<Revocation[]> {
  const rows = await database.$queryRaw<Parameters<typeof readRevocation>[0][]>`
    select revoked_at as "revokedAt", user_id as "userId", session_id as "sessionId", device_id as "deviceId"
    from auth.revocations where revoked_at > clock_timestamp() - interval '16 minutes'
    order by revoked_at`;
  return rows.map(readRevocation);
}

/** Accounts that were deleted within the last day: their deletion is announced again, should an event be lost. */
export async function listDeleted(database: Database): Promise<{ user: UserId; at: number }[]> {
  const rows = await database.$queryRaw<{ user_id: Uint8Array; deleted_at: Date }[]>`
    select user_id, deleted_at from auth.accounts where deleted_at > clock_timestamp() - interval '1 day'`;
  return rows.map((row) => ({ user: readUser(row.user_id), at: row.deleted_at.getTime() }));
}
