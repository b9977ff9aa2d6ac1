import type { UserId, Username } from '@wisp/protocol';
import type { Proven } from '../domain/check-secret.js';
import type { Sessions } from '../domain/session.js';
import { readUser, storedUser, toStored, type Database, type Transaction } from './connect-database.js';
import { IDLE_LIMIT, insertSession, readSessionIds } from './insert-session.js';
import { endSessions } from './revoke-sessions.js';
import { runTransaction } from './run-transaction.js';

/** Sessions without a device are for a moment; more than this are leftovers. */
const UNBOUND_SESSIONS = 8;

type Opened = Awaited<ReturnType<Sessions['open']>>;
type Refreshed = Awaited<ReturnType<Sessions['refresh']>>;

export function createSessionStore(database: Database): Sessions {
  return {
    open: (user, session, proven) =>
      runTransaction<Opened>(database, async (tx) => {
        const userId = storedUser(user);
        const username = await lockAccount(tx, user, proven);
        if (username === null) return { kind: 'gone' };
        const { deviceId } = session;
        if (deviceId !== undefined) {
          const listed = await tx.device.count({ where: { deviceId, userId, removedAt: null } });
          if (listed === 0) return { kind: 'device-not-listed' };
        }
        const surplus = await tx.session.findMany({
          where: { userId, deviceId: deviceId ?? null },
          orderBy: { createdAt: 'desc' },
          skip: deviceId === undefined ? UNBOUND_SESSIONS - 1 : 0,
          select: { sessionId: true },
        });
        const revoked = await endSessions(tx, {
          sessionId: { in: surplus.map(({ sessionId }) => sessionId) },
        });
        return {
          kind: 'opened',
          session: await insertSession(tx, { userId: user, username }, session),
          revoked,
        };
      }),

    refresh: (sessionId, { nextHash, decide }) =>
      runTransaction<Refreshed>(database, async (tx) => {
        const rows = await tx.$queryRaw<LockedSession[]>`
          select s.user_id, a.username, s.device_id, s.refresh_hash, s.previous_hash,
            (extract(epoch from clock_timestamp() - s.refreshed_at) * 1000)::float8 as age,
            clock_timestamp() as now
          from auth.sessions s join auth.accounts a using (user_id)
          where s.session_id = ${sessionId}::uuid and s.expires_at > clock_timestamp()
          for update of s`;
        const [row] = rows;
        if (row === undefined) return { kind: 'gone' };
        const decision = decide({
          currentHash: row.refresh_hash,
          previousHash: row.previous_hash,
          age: row.age,
        });
        if (decision === 'revoke') return { kind: 'revoked', revoked: await endSessions(tx, { sessionId }) };
        if (decision === 'rotate') {
          await tx.$executeRaw`
            update auth.sessions
            set refresh_hash = ${toStored(nextHash)}, previous_hash = refresh_hash,
              refreshed_at = clock_timestamp(), expires_at = clock_timestamp() + ${IDLE_LIMIT}::interval
            where session_id = ${sessionId}::uuid`;
        }
        return {
          kind: 'refreshed',
          session: {
            ...readSessionIds({ sessionId, deviceId: row.device_id }),
            userId: readUser(row.user_id),
            username: row.username as Username,
            at: row.now.getTime(),
          },
        };
      }),

    async list(user) {
      const rows = await database.session.findMany({
        where: { userId: storedUser(user) },
        orderBy: { createdAt: 'asc' },
      });
      return rows.map((row) => ({
        ...readSessionIds(row),
        createdAt: row.createdAt.getTime(),
        refreshedAt: row.refreshedAt.getTime(),
      }));
    },

    end: (user, sessionId) =>
      runTransaction(database, async (tx) => {
        const revoked = await endSessions(tx, { userId: storedUser(user), sessionId });
        return revoked.length === 0 ? null : revoked;
      }),

    async isAlive({ userId, sessionId }) {
      return (await database.session.count({ where: { sessionId, userId: storedUser(userId) } })) > 0;
    },
  };
}

interface LockedSession {
  user_id: Uint8Array;
  username: string;
  device_id: string | null;
  refresh_hash: Uint8Array;
  previous_hash: Uint8Array | null;
  age: number;
  now: Date;
}

/**
 * Against a deletion, a removal of devices or a new password at the same moment. Null: no living account, or its secret
 * isn't the proven one any more.
 */
async function lockAccount(tx: Transaction, user: UserId, { slot, hash }: Proven): Promise<Username | null> {
  const rows = await tx.$queryRaw<{ username: string }[]>`
    select username from auth.accounts
    where user_id = ${storedUser(user)} and deleted_at is null
      and case ${slot} when 'password' then password_hash else recovery_hash end = ${hash}
    for no key update`;
  const [row] = rows;
  return row === undefined ? null : (row.username as Username);
}
