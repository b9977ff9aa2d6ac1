import { conversationId, seq, userIdFromBytes, userIdToBytes } from '@wisp/protocol';
import type { Departure, DepartureStore } from '../domain/ports.js';
import { toStored, type Database } from './connect-database.js';
import { Prisma } from './generated/client.js';

interface DepartureRow {
  conversationId: string;
  userId: Uint8Array;
  newestCommitSeq: bigint;
}

export function createDepartureStore(database: Database): DepartureStore {
  return {
    async listUntold(of) {
      const which =
        'limit' in of
          ? Prisma.sql`ORDER BY r.left_at LIMIT ${of.limit}`
          : Prisma.sql`AND r.conversation_id = ${of.conversation}::uuid
              AND r.user_id = ${toStored(userIdToBytes(of.user))}`;
      const rows = await database.$queryRaw<DepartureRow[]>`
        SELECT r.conversation_id AS "conversationId", r.user_id AS "userId",
          c.newest_commit_seq AS "newestCommitSeq"
        FROM groups.roster r JOIN groups.conversations c USING (conversation_id)
        WHERE r.left_at IS NOT NULL AND NOT r.left_told ${which}`;
      return rows.map(readDeparture);
    },

    async markTold({ conversation, user, newestCommitSeq }) {
      await database.$executeRaw`
        UPDATE groups.roster r SET left_told = true FROM groups.conversations c
        WHERE c.conversation_id = r.conversation_id AND r.conversation_id = ${conversation}::uuid
          AND r.user_id = ${toStored(userIdToBytes(user))} AND r.left_at IS NOT NULL
          AND c.newest_commit_seq = ${newestCommitSeq}`;
    },
  };
}

function readDeparture(row: DepartureRow): Departure {
  return {
    conversation: conversationId.parse(row.conversationId),
    user: userIdFromBytes(row.userId),
    newestCommitSeq: seq.parse(Number(row.newestCommitSeq)),
  };
}
