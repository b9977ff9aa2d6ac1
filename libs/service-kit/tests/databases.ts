import pg from 'pg';

/** A database of its own on the run's PostgreSQL. */
export async function createDatabase(name: string): Promise<{ url: string; drop(): Promise<void> }> {
  const base = process.env.WISP_TEST_POSTGRES_URL;
  if (base === undefined) throw new Error('the global setup starts PostgreSQL');
  const database = `${name}_${process.pid}_${Date.now()}`;
  await administer(base, `create database ${database}`);
  const url = new URL(base);
  url.pathname = `/${database}`;
  return {
    url: url.toString(),
    drop: () => administer(base, `drop database ${database} with (force)`),
  };
}

export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
