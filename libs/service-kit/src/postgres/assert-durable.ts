import type { Pool } from './create-pool.js';

/** The database could forget what it has confirmed. */
export class NotDurableError extends Error {
  override readonly name = 'NotDurableError';
  readonly settings: readonly string[];

  constructor(settings: readonly string[]) {
    super(`PostgreSQL would lose acknowledged messages: turn on ${settings.join(', ')}`);
    this.settings = settings;
  }
}

/**
 * Refuses a database without `fsync`, `full_page_writes` and `synchronous_commit`.
 * @throws {NotDurableError}
 */
export async function assertDurable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  const off = rows.filter(({ setting }) => setting === 'off').map(({ name }) => name);
  if (off.length > 0) throw new NotDurableError(off.sort());
}
