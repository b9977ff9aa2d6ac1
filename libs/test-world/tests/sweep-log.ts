import type pg from 'pg';

const EVERYTHING = 1_000;
const DAY = 24 * 60 * 60;

/** The retention's whole round, as message-service goes it bit by bit; in days. */
export async function sweepLog(
  database: pg.Client,
  { messages, commits }: { messages: number; commits: number },
): Promise<void> {
  await database.query(
    'SELECT messages.retain_entries_v1($1, $2, $2, make_interval(secs => $3), make_interval(secs => $4))',
    ['00000000-0000-0000-0000-000000000000', EVERYTHING, commits * DAY, messages * DAY],
  );
}
