import {
  limits,
  userIdToBytes,
  type ConversationId,
  type DeviceId,
  type FetchAnswer,
  type FetchedPage,
  type FetchWish,
  type LogEntry,
  type RoleNumber,
  type Seq,
  type UserId,
} from '@wisp/protocol';
import type { Caller } from '../domain/log.js';
import { groupBy } from './group-by.js';
import type { AttachedConversation, Membership } from '../domain/read-log.js';
import type { Pools } from './pools.js';

interface PageRow {
  /** From 1. */
  wish: number;
  conversation_id: ConversationId;
  timeline: number;
  through: Seq;
  head: Seq;
  seq: Seq | null;
  kind: number;
  device_id: DeviceId;
  user_id: Buffer;
  accepted_at: number;
  expires_at: number | null;
  body: Buffer;
  at: number;
}

const userBytes = (user: UserId) => Buffer.from(userIdToBytes(user));
/** 32 bytes out of the column are a user id: the table checks their length. */
export const userOf = (bytes: Buffer) => bytes.toString('base64url') as UserId;

/** Membership, expiry and pages of all wishes in one snapshot. */
export async function fetchEntries(
  { pools }: { pools: Pools },
  caller: Caller,
  wishes: readonly FetchWish[],
): Promise<FetchAnswer> {
  const { rows } = await pools.read.query<PageRow>({
    name: 'fetch_entries_v1',
    text: `SELECT page.*, now.at, now.timeline FROM (
        SELECT messages.millis_v1(clock_timestamp()) AS at, (SELECT max(no) FROM messages.timelines) AS timeline) now
      LEFT JOIN messages.fetch_entries_v1($1, $2, $3, $4, $5, $6, $7) AS page ON true`,
    values: [
      userBytes(caller.user),
      caller.device,
      wishes.map(({ conversation }) => conversation),
      wishes.map(({ after }) => after),
      wishes.map(({ limit }) => limit),
      limits.fetchEntries,
      limits.fetchBytes,
    ],
  });
  const pages = groupBy(rows, (row) => row.wish);
  return {
    timeline: rows[0]?.timeline ?? pools.timeline(),
    time: rows[0]?.at ?? 0,
    pages: wishes.map((wish, index) => toPage(wish, pages.get(index + 1) ?? [])),
  };
}

function toPage({ conversation, after }: FetchWish, rows: readonly PageRow[]): FetchedPage {
  const first = rows[0];
  if (!first) return { status: 'not-member', conversation };
  const entries = rows.flatMap((row) => (row.seq === null ? [] : [toEntry(row, row.seq)]));
  if (entries.length === 0 && first.through <= after && first.through < first.head) {
    return { status: 'deferred', conversation };
  }
  return { status: 'ok', conversation, through: first.through, head: first.head, entries };
}

function toEntry(row: PageRow, seq: Seq): LogEntry {
  return {
    seq,
    kind: row.kind === 0 ? 'message' : 'commit',
    user: userOf(row.user_id),
    device: row.device_id,
    acceptedAt: row.accepted_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    body: row.body.toString('base64url'),
  };
}

export async function attachDevice(
  { pools }: { pools: Pools },
  caller: Caller,
): Promise<AttachedConversation[]> {
  const { rows } = await pools.read.query<{ conversation_id: ConversationId; newest_commit_seq: Seq }>({
    name: 'attach_device_v1',
    text: 'SELECT * FROM messages.attach_device_v1($1, $2)',
    values: [userBytes(caller.user), caller.device],
  });
  return rows.map((row) => ({
    conversation: row.conversation_id,
    newestCommitSeq: row.newest_commit_seq,
  }));
}

/** An unknown conversation has no members. */
export async function listMembers(
  { pools }: { pools: Pools },
  conversation: ConversationId,
): Promise<Membership> {
  const { rows } = await pools.read.query<{
    newest_commit_seq: Seq;
    device_id: DeviceId | null;
    user_id: Buffer;
    role: RoleNumber;
  }>({
    name: 'list_members_v1',
    text: 'SELECT * FROM messages.list_members_v1($1)',
    values: [conversation],
  });
  return {
    newestCommitSeq: rows[0]?.newest_commit_seq ?? (0 as Seq),
    members: rows.flatMap(({ device_id: device, user_id, role }) =>
      device === null ? [] : [{ user: userOf(user_id), device, role }],
    ),
  };
}
