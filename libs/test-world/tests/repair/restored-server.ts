import pg from 'pg';

/* A server whose log was restored from a copy, played by SQL as message-service would find it. */

/** The tables of a log; each row names its conversation. */
const TABLES = ['conversations', 'members', 'entries'] as const;

/** A copy of one conversation's log: everything that message-service has of it, and nothing of other services. */
export interface LogCopy {
  number: number;
  /** The seq of the newest entry. */
  head: number;
}

let copies = 0;
const nameOf = (table: string, { number }: Pick<LogCopy, 'number'>) => `copy_${number}_of_${table}`;

export async function copyLog(database: pg.Client, conversation: string): Promise<LogCopy> {
  copies += 1;
  const copy = { number: copies };
  for (const table of TABLES)
    await database.query(
      `CREATE TABLE ${nameOf(table, copy)} AS
         SELECT * FROM messages.${table} WHERE conversation_id = ${pg.escapeLiteral(conversation)}`,
    );
  const { rows } = await database.query<{ head: string }>(
    `SELECT head FROM ${nameOf('conversations', copy)}`,
  );
  const [first] = rows;
  if (first === undefined) throw new Error('no such conversation');
  return { ...copy, head: Number(first.head) };
}

/**
 * The log alone is what it was: whatever came since is gone, what was deleted since is back, and it lives on another
 * timeline. `before creation`: the copy is older than the conversation.
 */
export async function restoreLog(
  database: pg.Client,
  conversation: string,
  copy: LogCopy | 'before creation',
): Promise<void> {
  await database.query('BEGIN');
  for (const table of [...TABLES, 'forks'])
    await database.query(`DELETE FROM messages.${table} WHERE conversation_id = $1`, [conversation]);
  if (copy !== 'before creation')
    for (const table of TABLES)
      await database.query(`INSERT INTO messages.${table} SELECT * FROM ${nameOf(table, copy)}`);
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

/** Where the log and where group-service stand. */
export async function placesOf(
  database: pg.Client,
  conversation: string,
): Promise<{ log: number; groups: number; waiting: number }> {
  const { rows } = await database.query<{ log: string; groups: string; waiting: string }>(
    `SELECT coalesce((SELECT commit_1_seq FROM messages.conversations m WHERE m.conversation_id = $1), 0) AS log,
       newest_commit_seq AS groups,
       (SELECT count(*) FROM groups.pending_commits p WHERE p.conversation_id = $1) AS waiting
     FROM groups.conversations WHERE conversation_id = $1`,
    [conversation],
  );
  const [row] = rows;
  return { log: Number(row?.log), groups: Number(row?.groups), waiting: Number(row?.waiting) };
}
