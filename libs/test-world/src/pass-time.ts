import pg from 'pg';

const TIMES = `
  SELECT table_schema AS schema, table_name AS table, column_name AS column
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
   WHERE table_schema IN ('auth', 'groups', 'messages') AND table_type = 'BASE TABLE'
     AND data_type = 'timestamp with time zone'`;

/**
 * Time passes for the server, by moving every time that its database holds into the past: database time is the only
 * server time. A deadline that passes meanwhile is one of this moment, as the sweeps look back for a minute only.
 */
export async function passServerTime(databaseUrl: string, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; table: string; column: string }>(TIMES);
    await client.query('BEGIN');
    for (const { schema, table, column } of rows) {
      const place = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
      const name = pg.escapeIdentifier(column);
      const moved = `${name} - $1 * interval '1 millisecond'`;
      const value =
        column === 'expires_at' && schema === 'messages'
          ? `greatest(${moved}, least(${name}, clock_timestamp()))`
          : moved;
      await client.query(`UPDATE ${place} SET ${name} = ${value}`, [ms]);
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
