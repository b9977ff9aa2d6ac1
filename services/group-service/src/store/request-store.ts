import { createHash } from 'node:crypto';
import {
  conversationId,
  deviceId,
  encodeBase64url,
  equalBytes,
  userIdFromBytes,
  userIdToBytes,
} from '@wisp/protocol';
import { z } from 'zod';
import type { RequestStore } from '../domain/ports.js';
import { toStored, type Database } from './connect-database.js';

const requestKind = z.enum(['leave', 'repair', 'join']);

export function createRequestStore(database: Database): RequestStore {
  return {
    async put({ conversation, kind, caller, statement }, { everySeconds }) {
      const userId = toStored(userIdToBytes(caller.user));
      const key = { conversationId: conversation, kind, userId, deviceId: caller.device };
      return database.$transaction(async (tx) => {
        const stored = { statement: toStored(statement) };
        const created = await tx.request.createMany({ data: { ...key, ...stored }, skipDuplicates: true });
        if (created.count === 0) {
          const [last] = await tx.$queryRaw<{ statement: Uint8Array; age: number }[]>`
            SELECT statement, extract(epoch FROM clock_timestamp() - at)::float8 AS age FROM groups.requests
            WHERE conversation_id = ${conversation}::uuid AND kind = ${kind} AND user_id = ${userId}
              AND device_id = ${caller.device}::uuid FOR UPDATE`;
          const isSame = last !== undefined && equalBytes(last.statement, statement);
          if (!isSame && last !== undefined && last.age < everySeconds) {
            return { kind: 'too-soon', retryAfter: Math.ceil(everySeconds - last.age) };
          }
          if (!isSame) {
            await tx.request.deleteMany({ where: key });
            await tx.request.create({ data: { ...key, ...stored } });
          }
        }
        if (kind === 'leave') {
          await tx.$executeRaw`
            UPDATE groups.roster SET left_at = coalesce(left_at, clock_timestamp())
            WHERE conversation_id = ${conversation}::uuid AND user_id = ${userId}`;
        }
        return { kind: 'stored' };
      });
    },

    async statementHashes(conversation) {
      const rows = await database.request.findMany({
        where: { conversationId: conversation },
        select: { statement: true },
      });
      return new Set(
        rows.map(({ statement }) => encodeBase64url(createHash('sha256').update(statement).digest())),
      );
    },

    async listFor(user) {
      const userId = toStored(userIdToBytes(user));
      const rows = await database.request.findMany({
        where: { conversation: { roster: { some: { userId, leftAt: null } } } },
        orderBy: { at: 'asc' },
        take: MAX_LISTED,
      });
      return rows.map((row) => ({
        conversation: conversationId.parse(row.conversationId),
        kind: requestKind.parse(row.kind),
        caller: { user: userIdFromBytes(row.userId), device: deviceId.parse(row.deviceId) },
        statement: row.statement,
        at: row.at.getTime(),
      }));
    },
  };
}

const MAX_LISTED = 200;
