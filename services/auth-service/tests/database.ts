import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database of its own in the tests' PostgreSQL. */
export interface TestDatabase {
  /** Of the service's own role, which owns nothing but what it makes. */
  readonly url: string;
  /** As the superuser: what a test looks at, ages and breaks. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env['WISP_TEST_POSTGRES_URL'];
  if (!adminUrl) throw new Error('WISP_TEST_POSTGRES_URL: jest sets it');
  const name = `auth_${randomUUID().replaceAll('-', '')}`;
  await asRoot(adminUrl, [
    `create role ${name} login password 'test'`,
    `create database ${name}`,
    `revoke all on database ${name} from public`,
    `grant connect, create on database ${name} to ${name}`,
  ]);
  const url = new URL(adminUrl);
  url.pathname = name;
  const admin = new pg.Pool({ connectionString: url.href, max: 2 });
  admin.on('error', () => undefined);
  url.username = name;
  url.password = 'test';
  return {
    url: url.href,
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await admin.query<Row>(text, values)).rows,
    async drop() {
      await admin.end();
      await asRoot(adminUrl, [`drop database ${name} with (force)`, `drop role ${name}`]);
    },
  };
}

async function asRoot(adminUrl: string, statements: string[]): Promise<void> {
  const root = new pg.Client(adminUrl);
  await root.connect();
  try {
    for (const statement of statements) await root.query(statement);
  } finally {
    await root.end();
  }
}
