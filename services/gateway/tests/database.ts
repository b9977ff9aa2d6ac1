import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database of its own on the run's PostgreSQL. */
export interface TestDatabase {
  readonly url: string;
  /** Holds what these statements lock until it is told to let go. */
  hold(statement: string, values: unknown[]): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env.WISP_TEST_POSTGRES_URL;
  if (adminUrl === undefined) throw new Error('the global setup starts PostgreSQL');
  const name = `gateway_${randomUUID().replaceAll('-', '')}`;
  await administer(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async hold(statement, values) {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      await client.query('BEGIN');
      await client.query(statement, values);
      return () => client.end();
    },
    drop: () => administer(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
