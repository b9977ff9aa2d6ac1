import pg from 'pg';

/** Looks at everything that the services have stored. */
export interface Stored {
  /** Count and digest of the rows of each table: equal iff nothing was stored, changed or deleted. */
  look(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

export async function openStored(databaseUrl: string): Promise<Stored> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
      WHERE table_schema IN ('auth', 'groups', 'messages') AND table_type = 'BASE TABLE' ORDER BY 1, 2`,
  );
  if (rows.length < 20) throw new Error('the tables of three services are missing');
  const parts = rows.map(({ schema, name }) => {
    const place = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
    const digest = `md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), ''))`;
    return `SELECT ${pg.escapeLiteral(`${schema}.${name}`)} AS name, count(*) || ' ' || ${digest} AS value FROM ${place} t`;
  });
  return {
    async look() {
      const found = await client.query<{ name: string; value: string }>(parts.join(' UNION ALL '));
      return Object.fromEntries(found.rows.map(({ name, value }) => [name, value]));
    },
    close: () => client.end(),
  };
}
