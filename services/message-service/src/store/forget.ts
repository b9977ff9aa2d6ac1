import { userIdToBytes, type ConversationId, type DeviceId, type Seq, type UserId } from '@wisp/protocol';
import type { Caller, DeletionVerdict, EndedMemberships, Mark, MovedMarks } from '../domain/log.js';
import { groupBy } from './group-by.js';
import type { RetentionLimits, RetentionLog } from '../domain/retain.js';
import type { ExpiryLog } from '../domain/sweep-expired.js';
import type { Pools } from './pools.js';
import { userOf } from './read-log.js';

interface Context {
  readonly pools: Pools;
}

/** Moves marks forward, waiting for no lock. */
export async function moveMarks({ pools }: Context, marks: readonly Mark[]): Promise<MovedMarks> {
  const { rows } = await pools.read.query<{
    conversation_id: ConversationId;
    device_id: DeviceId;
    user_id: Buffer;
    seq: Seq;
    newest_commit_seq: Seq;
    timeline: number;
    moved: boolean;
  }>({
    name: 'ack_entries_v1',
    text: 'SELECT * FROM messages.ack_entries_v1($1, $2, $3, $4)',
    values: [
      marks.map(({ conversation }) => conversation),
      marks.map(({ user }) => Buffer.from(userIdToBytes(user))),
      marks.map(({ device }) => device),
      marks.map(({ seq }) => seq),
    ],
  });
  const toMark = (row: (typeof rows)[number]) => ({
    conversation: row.conversation_id,
    user: userOf(row.user_id),
    device: row.device_id,
    seq: row.seq,
    newestCommitSeq: row.newest_commit_seq,
  });
  return {
    timeline: rows[0]?.timeline ?? pools.timeline(),
    moved: rows.filter(({ moved }) => moved).map(toMark),
    busy: rows.filter(({ moved }) => !moved).map(toMark),
  };
}

/** Deletes up to `limit` entries past their time, with deadlines of the last `lookbackMs` or, without it, all. */
export async function expireEntries(
  { pools }: Context,
  { lookbackMs, limit }: { lookbackMs: number | undefined; limit: number },
): ReturnType<ExpiryLog['expireEntries']> {
  const { rows } = await pools.background.query<{
    conversation_id: ConversationId;
    seq: Seq;
    newest_commit_seq: Seq;
    late_ms: number;
  }>({
    name: 'expire_entries_v1',
    text: 'SELECT * FROM messages.expire_entries_v1(make_interval(secs => $1), $2)',
    values: [lookbackMs === undefined ? null : lookbackMs / 1_000, limit],
  });
  const byConversation = groupBy(rows, (row) => row.conversation_id);
  const gone = [...byConversation].map(([conversation, group]) => ({
    conversation,
    newestCommitSeq: group[0]?.newest_commit_seq ?? (0 as Seq),
    seqs: group.map(({ seq }) => seq).sort((a, b) => a - b),
  }));
  return { gone, count: rows.length, latestBy: rows.reduce((late, row) => Math.max(late, row.late_ms), 0) };
}

/** Deletes after-read entries that every member device has acknowledged. Answers how many. */
export async function forgetAcknowledged(
  { pools }: Context,
  conversations: readonly ConversationId[],
  limit: number,
): Promise<number> {
  const { rowCount } = await pools.background.query({
    name: 'forget_acked_entries_v1',
    text: 'SELECT 1 FROM messages.forget_acked_entries_v1($1, $2)',
    values: [conversations, limit],
  });
  return rowCount ?? 0;
}

export async function deleteEntries(
  { pools }: Context,
  caller: Caller,
  { conversation, seqs }: { conversation: ConversationId; seqs: readonly Seq[] },
): Promise<DeletionVerdict> {
  const { rows } = await pools.read.query<{
    status: number;
    seq: Seq | null;
    newest_commit_seq: Seq;
    timeline: number;
  }>({
    name: 'delete_entries_v1',
    text: 'SELECT * FROM messages.delete_entries_v1($1, $2, $3, $4)',
    values: [conversation, Buffer.from(userIdToBytes(caller.user)), caller.device, seqs],
  });
  const first = rows[0];
  if (!first || first.status !== 0) return { kind: 'forbidden' };
  return {
    kind: 'deleted',
    gone: {
      conversation,
      newestCommitSeq: first.newest_commit_seq,
      seqs: rows.flatMap(({ seq }) => (seq === null ? [] : [seq])),
    },
    timeline: first.timeline,
  };
}

export async function retainEntries(
  { pools }: Context,
  after: ConversationId | undefined,
  limits: RetentionLimits,
): ReturnType<RetentionLog['retainEntries']> {
  const { rows } = await pools.background.query<{
    last_conversation: ConversationId | null;
    deleted: number;
  }>({
    name: 'retain_entries_v1',
    text: 'SELECT * FROM messages.retain_entries_v1($1, $2, $3, make_interval(secs => $4), make_interval(secs => $5))',
    values: [
      after ?? '00000000-0000-0000-0000-000000000000',
      limits.conversations,
      limits.entries,
      limits.commitAge,
      limits.messageAge,
    ],
  });
  return { next: rows[0]?.last_conversation ?? undefined, deleted: rows[0]?.deleted ?? 0 };
}

export async function endMemberships({ pools }: Context, user: UserId): Promise<EndedMemberships> {
  const { rows } = await pools.background.query<{
    conversation_id: ConversationId;
    device_id: DeviceId;
    newest_commit_seq: Seq;
    timeline: number;
  }>({
    name: 'end_memberships_v1',
    text: 'SELECT * FROM messages.end_memberships_v1($1)',
    values: [Buffer.from(userIdToBytes(user))],
  });
  const byConversation = groupBy(rows, (row) => row.conversation_id);
  return {
    timeline: rows[0]?.timeline ?? pools.timeline(),
    conversations: [...byConversation].map(([conversation, group]) => ({
      conversation,
      newestCommitSeq: group[0]?.newest_commit_seq ?? (0 as Seq),
      devices: group.map(({ device_id }) => device_id),
    })),
  };
}
