import pg from 'pg';
import type { Logger } from '../logging/create-logger.js';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity: `message-service append`. */
  readonly name: string;
  readonly connections: number;
  /** The search path. */
  readonly schema: string;
  /** For work that nobody waits for: milliseconds that a statement may take instead of 3,000. */
  readonly statementMs?: number;
}

/**
 * What `createPool` gives to pg, also for Prisma's adapter. Timeouts nest (server §5): lock 2 s < statement 3 s <
 * client 4 s < bus 5 s; a connection that isn't free or up after 2 s fails. `bigint` comes as a number.
 */
export function poolConfig(options: PoolOptions): pg.PoolConfig {
  const { databaseUrl, name, connections, schema, statementMs = 3_000 } = options;
  return {
    connectionString: databaseUrl,
    application_name: name,
    max: connections,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 60_000,
    lock_timeout: Math.min(2_000, statementMs),
    statement_timeout: statementMs,
    query_timeout: statementMs + 1_000,
    idle_in_transaction_session_timeout: statementMs + 2_000,
    options: `-c search_path=${schema}`,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** A pool of connections to PostgreSQL. Errors of idle connections are logged and replaced, never thrown. */
export function createPool(options: PoolOptions & { readonly logger: Logger }): Pool {
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', (error) => options.logger.warn({ error, part: options.name }, 'an idle connection broke'));
  return pool;
}

const INT8 = pg.types.builtins.INT8;

function getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): (value: string) => unknown {
  if (oid === (INT8 as number) && format === 'text') return parseInt8;
  return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
}

function parseInt8(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('a bigint beyond 2^53');
  return number;
}
