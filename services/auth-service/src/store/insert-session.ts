import type { DeviceId, SessionId, UserId, Username } from '@wisp/protocol';
import type { NewSession, OpenedSession } from '../domain/session.js';
import { storedUser, toStored, type Transaction } from './connect-database.js';

/** A session that nobody refreshes ends after this. */
export const IDLE_LIMIT = '60 days';

export async function insertSession(
  tx: Transaction,
  owner: { userId: UserId; username: Username },
  session: NewSession,
): Promise<OpenedSession> {
  const rows = await tx.$queryRaw<{ created_at: Date }[]>`
    insert into auth.sessions (session_id, user_id, device_id, refresh_hash, expires_at)
    values (${session.sessionId}::uuid, ${storedUser(owner.userId)}, ${session.deviceId ?? null}::uuid,
      ${toStored(session.refreshHash)}, clock_timestamp() + ${IDLE_LIMIT}::interval)
    returning created_at`;
  const [row] = rows;
  if (row === undefined) throw new Error('an insert returned nothing');
  return {
    sessionId: session.sessionId,
    deviceId: session.deviceId,
    ...owner,
    at: row.created_at.getTime(),
  };
}

interface SessionRow {
  sessionId: string;
  deviceId: string | null;
}

/** Ids were branded when they came in. */
export function readSessionIds({ sessionId, deviceId }: SessionRow): {
  sessionId: SessionId;
  deviceId: DeviceId | undefined;
} {
  return {
    sessionId: sessionId as SessionId,
    deviceId: deviceId === null ? undefined : (deviceId as DeviceId),
  };
}
