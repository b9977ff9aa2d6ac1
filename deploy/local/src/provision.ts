import pg from 'pg';

const PROVISIONING = 0x71_15_50;

export interface DatabaseRole {
  /** Role and schema share it. */
  name: string;
  password: string;
}

/**
 * One database, one role per service that owns its schema and may reach nothing else. Can be repeated.
 * Answers the connection URL of each role.
 */
export async function provisionDatabase<const Name extends string>(
  adminUrl: string,
  wanted: { database: string; roles: readonly (DatabaseRole & { name: Name })[] },
): Promise<Record<Name, string>> {
  const { database, roles } = wanted;
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  await withClient(adminUrl, async (admin) => {
    // Roles belong to the whole server: two launchers at once take turns.
    await admin.query('SELECT pg_advisory_lock($1)', [PROVISIONING]);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
    await withClient(url.href, async (client) => {
      await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`);
      await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
      for (const role of roles) await provisionRole(client, { database, role });
    });
  });
  return Object.fromEntries(
    roles.map(({ name, password }) => {
      const own = new URL(url.href);
      own.username = name;
      own.password = password;
      return [name, own.href];
    }),
  ) as Record<Name, string>;
}

async function provisionRole(
  client: pg.Client,
  wanted: { database: string; role: DatabaseRole },
): Promise<void> {
  const { database, role } = wanted;
  const name = pg.escapeIdentifier(role.name);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role.name]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE`);
  await client.query(`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(role.password)}`);
  await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM ${name}`);
  await client.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${name}`);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${name} AUTHORIZATION ${name}`);
  await client.query(
    `ALTER ROLE ${name} IN DATABASE ${pg.escapeIdentifier(database)} SET search_path = ${name}`,
  );
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
