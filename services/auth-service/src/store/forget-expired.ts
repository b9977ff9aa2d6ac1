import type { Database } from './connect-database.js';

/** Deletes what has lost its meaning. Any number of replicas may do it. */
export async function forgetExpired(database: Database): Promise<void> {
  await database.$executeRaw`delete from auth.sessions where expires_at < clock_timestamp()`;
  await database.$executeRaw`
    delete from auth.revocations where revoked_at < clock_timestamp() - interval '1 hour'`;
  await database.$executeRaw`delete from auth.key_packages where not_after < clock_timestamp()`;
  // No package outlives its claim by more than its own lifetime, 30 days at most.
  await database.$executeRaw`
    delete from auth.claims where claimed_at < clock_timestamp() - interval '32 days'`;
}
