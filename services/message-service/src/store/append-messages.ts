import { limits, unreachable, userIdToBytes, type Seq, type TimerMode } from '@wisp/protocol';
import { bisect, type BatchOutcome } from '@wisp/service-kit';
import type { AppendedBatch, AppendVerdict, NewMessage } from '../domain/log.js';
import type { Pools } from './pools.js';

const APPEND = {
  name: 'append_messages_v1',
  text: `SELECT * FROM messages.append_messages_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
    make_interval(secs => $11), make_interval(secs => $12))`,
};

const modes: Record<TimerMode, number> = { none: 0, 'after-send': 1, 'after-read': 2 };

interface AppendRow {
  status: number;
  seq: Seq | null;
  accepted_at: number | null;
  expires_at: number | null;
  newest_commit_seq: Seq;
  head: Seq;
  timeline: number;
}

export interface AppendSettings {
  /** Seconds for which messages made under the commit before are accepted. */
  readonly grace: number;
  /** Seconds after which an unread after-read message goes. */
  readonly unreadLimit: number;
}

export const appendSettings: AppendSettings = { grace: 120, unreadLimit: limits.unreadLimit };

interface Context {
  readonly pools: Pools;
  readonly settings: AppendSettings;
  /** A failure that is nobody's weather. */
  onFault(error: unknown): void;
}

/** One batch, one transaction. A row that the database refuses is found by halving; all others get their verdicts. */
export async function appendMessages(context: Context, batch: readonly NewMessage[]): Promise<AppendedBatch> {
  try {
    const outcomes = await bisect(batch, async (part) => {
      const rows = await runAppend(context, part);
      for (const row of rows.slice(0, 1)) context.pools.sawTimeline(row.timeline);
      return rows.map(toVerdict);
    });
    return {
      timeline: context.pools.timeline(),
      verdicts: outcomes.map((outcome) => verdictOf(context, outcome)),
    };
  } catch (error) {
    context.onFault(error);
    return { timeline: context.pools.timeline(), verdicts: batch.map(() => ({ kind: 'unavailable' })) };
  }
}

function verdictOf({ onFault }: Context, outcome: BatchOutcome<AppendVerdict>): AppendVerdict {
  switch (outcome.kind) {
    case 'done':
      return outcome.result;
    case 'poison':
      onFault(outcome.error);
      return { kind: 'malformed' };
    case 'unavailable':
      return { kind: 'unavailable' };
    default:
      return unreachable(outcome);
  }
}

async function runAppend({ pools, settings }: Context, batch: readonly NewMessage[]): Promise<AppendRow[]> {
  let offset = 0;
  const offsets = batch.map(({ body }) => (offset += body.length) - body.length);
  const { rows } = await pools.append.query<AppendRow>({
    ...APPEND,
    values: [
      batch.map(({ conversation }) => conversation),
      batch.map(({ user }) => Buffer.from(userIdToBytes(user))),
      batch.map(({ device }) => device),
      batch.map(({ n }) => n),
      batch.map(({ lastCommitSeq }) => lastCommitSeq),
      batch.map(({ mode }) => modes[mode]),
      batch.map(({ ttl }) => ttl),
      offsets,
      batch.map(({ body }) => body.length),
      Buffer.concat(batch.map(({ body }) => body)),
      settings.grace,
      settings.unreadLimit,
    ],
  });
  return rows;
}

function toVerdict(row: AppendRow): AppendVerdict {
  const { newest_commit_seq: newestCommitSeq, head } = row;
  switch (row.status) {
    case 0:
      if (row.seq === null || row.accepted_at === null) break;
      return {
        kind: 'stored',
        seq: row.seq,
        acceptedAt: row.accepted_at,
        expiresAt: row.expires_at ?? undefined,
        newestCommitSeq,
      };
    case 1:
      return { kind: 'duplicate', newestCommitSeq, head };
    case 2:
      return { kind: 'not-member' };
    case 3:
      return { kind: 'stale', newestCommitSeq };
    case 4:
      return { kind: 'gap', newestCommitSeq };
  }
  throw new Error(`append_messages_v1 answered status ${row.status}`);
}
