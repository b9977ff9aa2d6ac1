import pg from 'pg';

/** The logs as the server has them, newest conversation last: a line per entry. For whoever explains a failure. */
export async function readLog(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(
      `SELECT concat_ws(' ', conversation_id, 'seq', seq, CASE kind WHEN 0 THEN 'message' ELSE 'commit' END,
                        'device', device_id, 'n', n, 'at', accepted_at, 'mode', mode) AS line
         FROM messages.entries ORDER BY conversation_id, seq`,
    );
    const { rows: heads } = await client.query<{ line: string }>(
      `SELECT concat_ws(' ', conversation_id, 'head', head, 'newest commit', commit_1_seq) AS line
         FROM messages.conversations ORDER BY conversation_id`,
    );
    return [...rows, ...heads].map(({ line }) => line);
  } finally {
    await client.end();
  }
}
