import {
  commitId as commitIdSchema,
  conversationId as conversationIdSchema,
  deviceId,
  seq,
  userIdFromBytes,
  type ConversationId,
} from '@wisp/protocol';
import { commitDelta } from '../domain/commit-delta.js';
import type { CommitStore, PendingCommit } from '../domain/ports.js';
import type { Caller } from '../domain/projection.js';
import { applyCommit } from './apply-commit.js';
import { claimCommit } from './claim-commit.js';
import type { Database } from './connect-database.js';
import { readProjection } from './read-projection.js';

const OVERDUE_SECONDS = 1;

export function createCommitStore(database: Database): CommitStore {
  return {
    readProjection: (conversation) => readProjection(database, conversation),
    claim: (commit, judgedAt) => claimCommit(database, commit, judgedAt),
    apply: (commit, place) => applyCommit(database, commit, place),

    async hasPending(conversation) {
      return (await database.pendingCommit.count({ where: { conversationId: conversation } })) > 0;
    },

    async findCommit(conversation, commitId) {
      const key = { conversationId: conversation, commitId };
      const pending = await database.pendingCommit.findFirst({
        where: key,
        select: { userId: true, deviceId: true, hash: true },
      });
      if (pending !== null) return { kind: 'pending', caller: callerOf(pending), hash: pending.hash };
      const row = await database.commit.findUnique({ where: { conversationId_commitId: key } });
      if (row === null) return null;
      return {
        kind: 'appended',
        record: {
          conversation,
          commitId,
          caller: callerOf(row),
          hash: row.hash,
          seq: seq.parse(Number(row.seq)),
          acceptedAt: row.acceptedAt.getTime(),
        },
      };
    },

    async readPending(conversation): Promise<PendingCommit | null> {
      const row = await database.pendingCommit.findUnique({ where: { conversationId: conversation } });
      if (row === null) return null;
      return {
        conversation,
        commitId: commitIdSchema.parse(row.commitId),
        caller: callerOf(row),
        lastCommitSeq: seq.parse(Number(row.lastCommitSeq)),
        body: row.body,
        hash: row.hash,
        delta: commitDelta.parse(row.delta),
        welcome: row.welcome,
        isLimited: row.isLimited,
      };
    },

    async takeOverdue(limit): Promise<ConversationId[]> {
      const rows = await database.$queryRaw<{ conversationId: string; position: bigint }[]>`
        UPDATE groups.pending_commits p SET tried_at = clock_timestamp()
        FROM (SELECT conversation_id FROM groups.pending_commits
              WHERE tried_at <= clock_timestamp() - make_interval(secs => ${OVERDUE_SECONDS})
              ORDER BY position LIMIT ${limit} FOR UPDATE SKIP LOCKED) due
        WHERE p.conversation_id = due.conversation_id
        RETURNING p.conversation_id AS "conversationId", p.position`;
      return rows
        .sort((a, b) => Number(a.position - b.position))
        .map(({ conversationId }) => conversationIdSchema.parse(conversationId));
    },

    async release({ conversation, commitId, delta }) {
      await database.$transaction(async (tx) => {
        const { count } = await tx.pendingCommit.deleteMany({
          where: { conversationId: conversation, commitId },
        });
        if (count === 0 || delta.opens !== 'create') return;
        await tx.conversation.deleteMany({ where: { conversationId: conversation, incarnation: 0 } });
      });
    },
  };
}

function callerOf(row: { userId: Uint8Array; deviceId: string }): Caller {
  return { user: userIdFromBytes(row.userId), device: deviceId.parse(row.deviceId) };
}
