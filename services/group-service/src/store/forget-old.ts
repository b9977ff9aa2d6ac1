import type { Database } from './connect-database.js';

export interface ForgetLimits {
  /** Seconds for which the log keeps commits. */
  readonly commitSeconds: number;
  /** Rows of a kind in one step at most. */
  readonly rows: number;
}

/** The KeyPackage in a repair request lives no longer, and who asked to join a month ago asks again. */
const REQUEST_DAYS = 30;

/**
 * Deletes what nobody can use any more: answers to commits that the log no longer has, and with them the Welcomes that
 * nobody came for (a walk can't begin there); requests that nobody granted. A leave stays until it is done. The
 * newest commit of a conversation stays as well. Any number of replicas may do it. True: there may be more.
 */
export async function forgetOld(database: Database, { commitSeconds, rows }: ForgetLimits): Promise<boolean> {
  const commits = await database.$executeRaw`
    DELETE FROM groups.commits WHERE (conversation_id, commit_id) IN (
      SELECT k.conversation_id, k.commit_id FROM groups.commits k
      JOIN groups.conversations c ON c.conversation_id = k.conversation_id AND k.seq < c.newest_commit_seq
      WHERE k.accepted_at < clock_timestamp() - make_interval(secs => ${commitSeconds}::float8)
      ORDER BY k.accepted_at LIMIT ${rows} FOR UPDATE OF k SKIP LOCKED)`;
  const requests = await database.$executeRaw`
    DELETE FROM groups.requests WHERE ctid IN (
      SELECT r.ctid FROM groups.requests r
      WHERE r.at < clock_timestamp() - make_interval(days => ${REQUEST_DAYS}::integer) AND r.kind <> 'leave'
      ORDER BY r.at LIMIT ${rows} FOR UPDATE SKIP LOCKED)`;
  return commits === rows || requests === rows;
}
