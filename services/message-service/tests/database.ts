import { createLogger, runMigrations } from '@wisp/service-kit';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { appendSettings, type AppendSettings } from '../src/store/append-messages.js';
import { openPools, type Pools } from '../src/store/pools.js';
import { createPostgresLog, type Log } from '../src/store/postgres-log.js';

export const logger = createLogger({ service: 'message-service', level: 'error' });
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

/** A database of its own in the tests' PostgreSQL, owned by nobody whom the service knows. */
export interface TestDatabase {
  /** Of the service's own role, which owns the schema and nothing else. */
  readonly url: string;
  /** As the superuser: what a test looks at, and what it breaks. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env['WISP_TEST_POSTGRES_URL'];
  if (!adminUrl) throw new Error('WISP_TEST_POSTGRES_URL: jest sets it');
  const name = `messages_${randomUUID().replaceAll('-', '')}`;
  const root = new pg.Client(adminUrl);
  await root.connect();
  await root.query(`CREATE ROLE ${name} LOGIN PASSWORD 'test'`);
  await root.query(`CREATE DATABASE ${name}`);
  await root.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await root.query(`GRANT CONNECT, CREATE ON DATABASE ${name} TO ${name}`);
  await root.end();

  const url = new URL(adminUrl);
  url.pathname = name;
  const admin = new pg.Pool({ connectionString: url.href, max: 2 });
  admin.on('error', () => undefined);
  url.username = name;
  url.password = 'test';
  return {
    url: url.href,
    query: async (text, values) => (await admin.query(text, values)).rows,
    async drop() {
      await admin.end();
      const last = new pg.Client(adminUrl);
      await last.connect();
      await last.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await last.query(`DROP ROLE ${name}`);
      await last.end();
    },
  };
}

export interface TestLog {
  readonly database: TestDatabase;
  readonly pools: Pools;
  readonly log: Log;
  end(): Promise<void>;
}

export async function openLog(append: Partial<AppendSettings> = {}): Promise<TestLog> {
  const database = await createDatabase();
  await runMigrations({ databaseUrl: database.url, schema: 'messages', dir: migrations, logger });
  const connections = { append: 3, read: 6, background: 2 };
  const pools = await openPools({ databaseUrl: database.url, connections, logger });
  const log = createPostgresLog({ pools, logger, append: { ...appendSettings, ...append } });
  return {
    database,
    pools,
    log,
    async end() {
      await pools.end();
      await database.drop();
    },
  };
}
