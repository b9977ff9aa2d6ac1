import type { DeviceId } from '@wisp/protocol';
import type { KeyPackages } from '../domain/key-package.js';
import { claimPackages } from './claim-packages.js';
import { storedUser, toStored, type Database, type Transaction } from './connect-database.js';
import { runTransaction } from './run-transaction.js';

export function createKeyPackageStore(database: Database): KeyPackages {
  return {
    add: ({ userId, deviceId }, { oneTime, lastResort, stockLimit }) =>
      runTransaction<{ count: number } | null>(database, async (tx) => {
        const owner = storedUser(userId);
        // First the account, as everywhere: an upload must not outlive its deletion.
        const living = await tx.$queryRaw<unknown[]>`
          select 1 from auth.accounts where user_id = ${owner} and deleted_at is null for share`;
        if (living.length === 0) return null;
        // Locked, so that two uploads don't both replace the last-resort one, nor one outlive the device's removal.
        const listed = await tx.$queryRaw<unknown[]>`
          select 1 from auth.devices
          where device_id = ${deviceId}::uuid and user_id = ${owner} and removed_at is null
          for no key update`;
        if (listed.length === 0) return null;
        const row = (each: (typeof oneTime)[number]) => ({
          deviceId,
          userId: owner,
          ref: toStored(each.ref),
          keyPackage: toStored(each.bytes),
          notAfter: new Date(each.notAfter),
        });
        const room = stockLimit - (await countPackages(tx, deviceId)).count;
        await tx.keyPackage.createMany({
          data: oneTime.slice(0, Math.max(0, room)).map((each) => ({ ...row(each), lastResort: false })),
          skipDuplicates: true,
        });
        if (lastResort) {
          const known = await tx.keyPackage.count({ where: { deviceId, ref: toStored(lastResort.ref) } });
          if (known === 0) {
            await tx.$executeRaw`
              update auth.key_packages set spent_at = clock_timestamp()
              where device_id = ${deviceId}::uuid and last_resort and spent_at is null`;
            await tx.keyPackage.create({ data: { ...row(lastResort), lastResort: true } });
          }
        }
        const { count } = await countPackages(tx, deviceId);
        return { count };
      }),

    count: (deviceId) => countPackages(database, deviceId),

    claim: (claim, perHour) => claimPackages(database, claim, perHour),

    async wereClaimed({ claimer, conversation, packages }) {
      const rows = await database.claimedPackage.findMany({
        where: {
          ref: { in: packages.map(({ ref }) => toStored(ref)) },
          claim: { claimer: storedUser(claimer), conversationId: conversation },
        },
        select: { deviceId: true, ref: true, claim: { select: { target: true } } },
      });
      const key = (target: Uint8Array, device: string, ref: Uint8Array) =>
        [target, ref].map((bytes) => Buffer.from(bytes).toString('base64')).join() + device;
      const claimed = new Set(rows.map((row) => key(row.claim.target, row.deviceId, row.ref)));
      return packages.map(({ user, device, ref }) => claimed.has(key(storedUser(user), device, ref)));
    },
  };
}

async function countPackages(client: Transaction, deviceId: DeviceId) {
  const rows = await client.$queryRaw<{ one_time: number; last_resort: number }[]>`
    select count(*) filter (where not last_resort)::int as one_time,
      count(*) filter (where last_resort)::int as last_resort
    from auth.key_packages
    where device_id = ${deviceId}::uuid and spent_at is null and not_after > clock_timestamp()`;
  return { count: rows[0]?.one_time ?? 0, lastResort: (rows[0]?.last_resort ?? 0) > 0 };
}
