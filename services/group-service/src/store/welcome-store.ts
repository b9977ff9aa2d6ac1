import { commitId, conversationId, deviceId, seq, userIdFromBytes, userIdToBytes } from '@wisp/protocol';
import type { ReleasedWelcome, WelcomeStore } from '../domain/ports.js';
import { toStored, type Database } from './connect-database.js';

export function createWelcomeStore(database: Database): WelcomeStore {
  return {
    async listFor(caller, { count, bytes }) {
      const rows = await database.$queryRaw<WelcomeRow[]>`
        SELECT w.welcome_id AS "id", w.conversation_id AS "conversation", w.commit_id AS "commitId", k.seq, k.hash,
          k.user_id AS "fromUser", k.device_id AS "fromDevice", octet_length(b.body) AS "size"
        FROM groups.welcomes w
        JOIN groups.commits k USING (conversation_id, commit_id)
        JOIN groups.welcome_bodies b USING (conversation_id, commit_id)
        WHERE w.device_id = ${caller.device}::uuid AND w.user_id = ${toStored(userIdToBytes(caller.user))}
          -- Of a restored log: a commit on its way that doesn't follow this one is about to take its place.
          AND NOT EXISTS (SELECT 1 FROM groups.pending_commits p
            WHERE p.conversation_id = w.conversation_id AND p.last_commit_seq < k.seq)
        ORDER BY w.position LIMIT ${count}`;
      const welcomes: ReleasedWelcome[] = [];
      let left = bytes;
      for (const row of rows) {
        left -= row.size;
        if (left < 0 && welcomes.length > 0) break;
        const body = await database.welcomeBody.findUnique({
          where: {
            conversationId_commitId: { conversationId: row.conversation, commitId: row.commitId },
          },
        });
        // Joined on another connection meanwhile.
        if (body === null) continue;
        welcomes.push({
          id: row.id,
          conversation: conversationId.parse(row.conversation),
          commitId: commitId.parse(row.commitId),
          seq: seq.parse(Number(row.seq)),
          hash: row.hash,
          welcome: body.body,
          from: { user: userIdFromBytes(row.fromUser), device: deviceId.parse(row.fromDevice) },
        });
      }
      return welcomes;
    },

    async remove(welcome, { device }) {
      await database.$transaction(async (tx) => {
        const row = await tx.welcome.findFirst({ where: { welcomeId: welcome, deviceId: device } });
        if (row === null) return;
        const { conversationId: conversation, commitId: commit } = row;
        // Whoever takes the last one takes the body, also when two come at once.
        await tx.$queryRaw`SELECT 1 FROM groups.welcome_bodies
          WHERE conversation_id = ${conversation}::uuid AND commit_id = ${commit}::uuid FOR UPDATE`;
        await tx.welcome.deleteMany({ where: { welcomeId: welcome } });
        await tx.welcomeBody.deleteMany({
          where: { conversationId: conversation, commitId: commit, welcomes: { none: {} } },
        });
      });
    },

    count: (device) => database.welcome.count({ where: { deviceId: device } }),
  };
}

interface WelcomeRow {
  id: string;
  conversation: string;
  commitId: string;
  seq: bigint;
  hash: Uint8Array;
  fromUser: Uint8Array;
  fromDevice: string;
  size: number;
}
