import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { Logger } from '../logging/create-logger.js';

export interface MigrationOptions {
  readonly databaseUrl: string;
  /** The service's own; made when missing. The record of what ran lies in it too. */
  readonly schema: string;
  /** The folder of plain SQL files, `1_log.sql`, `2_forks.sql`, in order of their numbers. */
  readonly dir: string;
  readonly logger: Logger;
}

/** Brings the schema up to date. Several replicas may start at once: the others wait. Each file is a transaction. */
export async function runMigrations({ databaseUrl, schema, dir, logger }: MigrationOptions): Promise<void> {
  // A role that owns its schema and no more may not even say "create if not exists".
  const createSchema = !(await hasSchema(databaseUrl, schema));
  const ran = await runner({
    databaseUrl,
    dir,
    direction: 'up',
    schema,
    createSchema,
    migrationsSchema: schema,
    createMigrationsSchema: createSchema,
    migrationsTable: 'migrations',
    advisoryLockMode: 'wait',
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  if (ran.length > 0) logger.info({ count: ran.length, part: schema }, 'migrations ran');
}

async function hasSchema(databaseUrl: string, schema: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    return rowCount === 1;
  } finally {
    await client.end();
  }
}

/** Its lines hold whole SQL texts; what fails is thrown as well. */
function quiet(): void {
  return;
}
