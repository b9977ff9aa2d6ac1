import type { ServerId } from '@wisp/protocol';
import type { Database } from './connect-database.js';
import { runTransaction } from './run-transaction.js';

export type Opening =
  /** `restored`: the database isn't the one that this data was last served from: a restore, or a failover. */
  | { kind: 'opened'; restored: boolean }
  /** The data is of another installation. */
  | { kind: 'foreign'; serverId: ServerId };

/**
 * Makes the installation at the first start. After a restore nothing that was handed out since the backup is known
 * any more: KeyPackages are void, sessions end, and the signing keys go, with them every token (server §7).
 */
export function openInstallation(database: Database, serverId: ServerId): Promise<Opening> {
  return runTransaction<Opening>(database, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('wisp.auth.installation'))`;
    const timelines = await tx.$queryRaw<{ timeline: string }[]>`
      select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline
      from pg_control_system()`;
    const timeline = timelines[0]?.timeline;
    if (timeline === undefined) throw new Error('the database has no timeline');
    const known = await tx.installation.findUnique({ where: { id: 1 } });
    if (known === null) {
      await tx.installation.create({ data: { serverId, timeline } });
      return { kind: 'opened', restored: false };
    }
    if (known.serverId !== serverId) return { kind: 'foreign', serverId: known.serverId as ServerId };
    const restored = known.timeline !== timeline;
    if (restored) {
      await tx.$executeRaw`
        update auth.key_packages set spent_at = clock_timestamp() where spent_at is null`;
      await tx.session.deleteMany();
      await tx.signingKey.deleteMany();
      await tx.installation.update({ where: { id: 1 }, data: { timeline } });
    }
    return { kind: 'opened', restored };
  });
}
