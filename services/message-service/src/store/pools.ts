import { poolConfig, type Logger, type Pool } from '@wisp/service-kit';
import pg from 'pg';

/** Pools apart: neither readers nor sweeps can starve the appends. */
export interface Pools {
  readonly append: Pool;
  readonly read: Pool;
  readonly background: Pool;
  /** The newest timeline that this process has seen. */
  timeline(): number;
  /** An answer named this one. */
  sawTimeline(no: number): void;
  end(): Promise<void>;
}

export interface PoolsOptions {
  readonly databaseUrl: string;
  readonly connections: { readonly append: number; readonly read: number; readonly background: number };
  readonly logger: Logger;
}

/** Opens the pools and notes the timeline: now, and with each new connection. */
export async function openPools({ databaseUrl, connections, logger }: PoolsOptions): Promise<Pools> {
  let timeline = 0;

  async function noteTimeline(client: pg.PoolClient): Promise<void> {
    const { rows } = await client.query<{ no: number }>('SELECT messages.note_timeline_v1() AS no');
    sawTimeline(rows[0]?.no ?? timeline);
  }

  function sawTimeline(no: number): void {
    if (timeline > 0 && no > timeline) logger.warn({ timeline: no }, 'the log lives on another timeline');
    timeline = Math.max(timeline, no);
  }

  function open(part: 'append' | 'read' | 'background'): Pool {
    const name = `message-service ${part}`;
    const pool = new pg.Pool({
      ...poolConfig({ databaseUrl, name, connections: connections[part], schema: 'messages' }),
      // Before its first use: after a failover or a restore a new connection leads to another timeline.
      verify: (client, done) => void noteTimeline(client).then(() => done(), done),
    });
    // While it is checked out and asks nothing, an error that nobody hears would end the process.
    pool.on('connect', (client) =>
      client.on('error', (error) => logger.debug({ error, part: name }, 'a connection broke')),
    );
    pool.on('error', (error) => logger.warn({ error, part: name }, 'an idle connection broke'));
    return pool;
  }

  const [append, read, background] = [open('append'), open('read'), open('background')];
  const end = async () => void (await Promise.all([append.end(), read.end(), background.end()]));
  try {
    await append.query('SELECT 1');
  } catch (error) {
    await end();
    throw error;
  }
  return { append, read, background, timeline: () => timeline, sawTimeline, end };
}
