import pg from 'pg';

/** Where a text stands in a database: `schema.table.column`, over every text, JSON and bytea column. */
export async function lookForText(databaseUrl: string, text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{
      schema: string;
      table: string;
      column: string;
      type: string;
    }>(
      `SELECT table_schema AS schema, table_name AS table, column_name AS column, data_type AS type
         FROM information_schema.columns
        WHERE table_schema IN ('auth', 'groups', 'messages') AND data_type IN ('text', 'character varying', 'bytea', 'json', 'jsonb')`,
    );
    const found: string[] = [];
    for (const { schema, table, column, type } of columns) {
      const name = pg.escapeIdentifier(column);
      const place = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
      const matches =
        type === 'bytea' ? `position($1::bytea IN ${name}) > 0` : `position($2 IN ${name}::text) > 0`;
      const { rows } = await client.query(
        `SELECT 1 FROM ${place} WHERE ${matches} AND ($1::bytea IS NOT NULL AND $2::text IS NOT NULL) LIMIT 1`,
        [Buffer.from(text), text],
      );
      if (rows.length > 0) found.push(`${schema}.${table}.${column}`);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** How many messages the log holds. */
export async function countMessages(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(
      'SELECT count(*) FROM messages.entries WHERE kind = 0',
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}
