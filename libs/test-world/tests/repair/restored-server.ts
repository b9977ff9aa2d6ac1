import type pg from 'pg';

/* A server whose log was restored from a copy, played by SQL as message-service would find it. */

export interface LogCopy {
  head: string;
  counters: { device: string; lastN: string; acked: string }[];
}

export async function copyLog(database: pg.Client, conversation: string): Promise<LogCopy> {
  const { rows } = await database.query<{ head: string }>(
    'SELECT head FROM messages.conversations WHERE conversation_id = $1',
    [conversation],
  );
  const members = await database.query<LogCopy['counters'][number]>(
    `SELECT device_id AS device, last_n AS "lastN", acked_seq AS acked
       FROM messages.members WHERE conversation_id = $1`,
    [conversation],
  );
  await database.query('DROP TABLE IF EXISTS entries_copy');
  await database.query(
    'CREATE TABLE entries_copy AS SELECT * FROM messages.entries WHERE conversation_id = $1',
    [conversation],
  );
  const [first] = rows;
  if (first === undefined) throw new Error('no such conversation');
  return { head: first.head, counters: members.rows };
}

/** Whatever lay above the copy's head is gone, what was deleted since is back, and the log lives on another timeline. */
export async function restoreLog(database: pg.Client, conversation: string, copy: LogCopy): Promise<void> {
  await database.query('BEGIN');
  await database.query('DELETE FROM messages.entries WHERE conversation_id = $1 AND seq > $2', [
    conversation,
    copy.head,
  ]);
  await database.query('INSERT INTO messages.entries SELECT * FROM entries_copy ON CONFLICT DO NOTHING');
  await database.query(
    `UPDATE messages.conversations SET head = $2, changed = pg_current_xact_id() WHERE conversation_id = $1`,
    [conversation, copy.head],
  );
  for (const { device, lastN, acked } of copy.counters) {
    await database.query(
      `UPDATE messages.members SET last_n = $3, acked_seq = $4
        WHERE conversation_id = $1 AND device_id = $2`,
      [conversation, device, lastN, acked],
    );
  }
  await database.query(
    `INSERT INTO messages.timelines (no, system_identifier, wal_timeline)
     SELECT no + 1, system_identifier, wal_timeline FROM messages.timelines ORDER BY no DESC LIMIT 1`,
  );
  await database.query('COMMIT');
  // No connection outlives a restore; each new one reads the timeline.
  await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'messages'`);
}

export async function countCommits(database: pg.Client, conversation: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    'SELECT count(*) FROM messages.entries WHERE conversation_id = $1 AND kind = 1',
    [conversation],
  );
  return Number(rows[0]?.count);
}

export async function incarnationOf(database: pg.Client, conversation: string): Promise<number> {
  const { rows } = await database.query<{ incarnation: number }>(
    'SELECT incarnation FROM groups.conversations WHERE conversation_id = $1',
    [conversation],
  );
  return rows[0]?.incarnation ?? 0;
}
