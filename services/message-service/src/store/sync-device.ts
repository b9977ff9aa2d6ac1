import {
  userIdToBytes,
  type ConversationId,
  type Seq,
  type SyncAnswer,
  type SyncedConversation,
} from '@wisp/protocol';
import type { Caller } from '../domain/log.js';
import type { Pools } from './pools.js';
import { userOf } from './read-log.js';

interface SyncRow {
  token: string;
  timeline: number;
  at: number;
  conversation_id: ConversationId | null;
  written_under: number;
  head: Seq;
  newest_commit_seq: Seq;
  left_seq: Seq | null;
  last_n: number;
  fork: Seq | null;
  deleted_users: Buffer[];
}

const token = /^([0-9]{1,15})\.([0-9]{1,19})$/;

/** A token is `timeline.xid8`; what isn't one, like a missing one, is answered with everything. */
function readToken(since: string | undefined): { timeline: number; xid: string } {
  const [, timeline, xid] = token.exec(since ?? '') ?? [];
  return timeline === undefined || xid === undefined
    ? { timeline: 0, xid: '0' }
    : { timeline: Number(timeline), xid };
}

/** What changed for the device since its token. */
export async function syncDevice(
  { pools }: { pools: Pools },
  caller: Caller,
  since: string | undefined,
): Promise<SyncAnswer> {
  const { timeline, xid } = readToken(since);
  const { rows } = await pools.read.query<SyncRow>({
    name: 'sync_device_v1',
    text: 'SELECT * FROM messages.sync_device_v1($1, $2, $3, $4::xid8)',
    values: [Buffer.from(userIdToBytes(caller.user)), caller.device, timeline, xid],
  });
  const first = rows[0];
  if (!first) throw new Error('sync_device_v1 answered no row');
  pools.sawTimeline(first.timeline);
  const conversations: SyncedConversation[] = [];
  const left: SyncAnswer['left'] = [];
  for (const row of rows) {
    if (row.conversation_id === null) continue;
    if (row.left_seq !== null) left.push({ id: row.conversation_id, seq: row.left_seq });
    else conversations.push(toConversation(row, row.conversation_id));
  }
  return {
    timeline: first.timeline,
    since: `${first.timeline}.${first.token}`,
    time: first.at,
    conversations,
    left,
  };
}

function toConversation(row: SyncRow, id: ConversationId): SyncedConversation {
  return {
    id,
    head: row.head,
    newestCommitSeq: row.newest_commit_seq,
    lastN: row.last_n,
    timeline: row.written_under,
    ...(row.fork === null ? {} : { fork: row.fork }),
    ...(row.deleted_users.length === 0 ? {} : { deletedUsers: row.deleted_users.map(userOf) }),
  };
}
