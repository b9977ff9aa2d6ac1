import { stopPostgres } from './shared-postgres.mjs';

export default async function teardown() {
  await stopPostgres();
}
