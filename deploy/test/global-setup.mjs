import { startPostgres } from './shared-postgres.mjs';

/** One real PostgreSQL for the whole run; each test makes databases of its own in it. */
export default async function setup() {
  process.env.WISP_TEST_POSTGRES_URL ??= await startPostgres();
}
