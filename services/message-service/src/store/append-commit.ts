import { userIdToBytes, type Seq } from '@wisp/protocol';
import { classifyDatabaseError } from '@wisp/service-kit';
import type { CommitVerdict, NewCommit } from '../domain/log.js';
import type { Pools } from './pools.js';

const APPEND = {
  name: 'append_commit_v1',
  text: `SELECT * FROM messages.append_commit_v1(
    $1, $2, $3, $4, $5, $6::smallint, $7::smallint, $8, $9, $10, $11, $12, $13, $14, $15)`,
};

const openings: Record<NewCommit['opens'], number> = { nothing: 0, conversation: 1, incarnation: 2 };

interface CommitRow {
  status: number;
  seq: Seq;
  accepted_at: number;
  newest_commit_seq: Seq;
  head: Seq;
  timeline: number;
}

interface Context {
  readonly pools: Pools;
  onFault(error: unknown): void;
}

const bytesOf = ({ user }: { user: NewCommit['user'] }) => Buffer.from(userIdToBytes(user));

/** One transaction: entry, membership, roles. */
export async function appendCommit({ pools, onFault }: Context, commit: NewCommit): Promise<CommitVerdict> {
  try {
    const { rows } = await pools.append.query<CommitRow>({
      ...APPEND,
      values: [
        commit.conversation,
        bytesOf(commit),
        commit.device,
        commit.commitId,
        commit.lastCommitSeq,
        openings[commit.opens],
        commit.creatorRole,
        Buffer.from(commit.body),
        commit.adds.map(({ device }) => device),
        commit.adds.map(bytesOf),
        commit.adds.map(({ role }) => role),
        commit.readmit,
        commit.removes,
        commit.roles.map(bytesOf),
        commit.roles.map(({ role }) => role),
      ],
    });
    const row = rows[0];
    if (!row) throw new Error('append_commit_v1 answered no row');
    pools.sawTimeline(row.timeline);
    return toVerdict(row);
  } catch (error) {
    // group-service has checked the commit: a row that the database refuses is a fault of ours.
    if (classifyDatabaseError(error) !== 'unavailable') onFault(error);
    return { kind: 'unavailable' };
  }
}

function toVerdict(row: CommitRow): CommitVerdict {
  const { seq, accepted_at: acceptedAt, newest_commit_seq: newestCommitSeq, head, timeline } = row;
  switch (row.status) {
    case 0:
      return { kind: 'stored', seq, acceptedAt, timeline };
    case 1:
      return { kind: 'known', seq, acceptedAt, newestCommitSeq, head, timeline };
    case 2:
      return { kind: 'not-member' };
    case 3:
      return { kind: 'stale', newestCommitSeq };
    case 4:
      return { kind: 'conversation-exists' };
    case 5:
    case 6:
      return { kind: 'device-known' };
  }
  throw new Error(`append_commit_v1 answered status ${row.status}`);
}
