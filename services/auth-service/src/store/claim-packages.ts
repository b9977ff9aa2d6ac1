import type { DeviceId } from '@wisp/protocol';
import type { Claim, ClaimedPackage, KeyPackages } from '../domain/key-package.js';
import { storedUser, toStored, type Database, type Transaction } from './connect-database.js';
import { runTransaction } from './run-transaction.js';

type Outcome = Awaited<ReturnType<KeyPackages['claim']>>;

/** A package that ends sooner wouldn't reach a commit. */
const LEAST_LIFE = '1 minute';

/** One transaction: the same package is never handed out twice, whoever asks at the same moment. */
export function claimPackages(database: Database, claim: Claim, perHour: number): Promise<Outcome> {
  return runTransaction<Outcome>(database, async (tx) => {
    const claimer = storedUser(claim.claimer);
    const target = storedUser(claim.target);
    // A claimer's claims take turns: a retry meets its first answer, and nobody outruns the hourly limit.
    const claimers = await tx.$queryRaw<unknown[]>`
      select 1 from auth.accounts where user_id = ${claimer} and deleted_at is null for no key update`;
    if (claimers.length === 0) return { kind: 'gone' };

    const owner = await tx.account.findUnique({
      where: { userId: target, deletedAt: null },
      select: { listVersion: true },
    });
    if (owner === null) return { kind: 'no-such-user' };
    const known = await tx.claim.findUnique({
      where: { claimer_claimId: { claimer, claimId: claim.claimId } },
    });
    if (known !== null) {
      const isSame =
        Buffer.compare(known.target, target) === 0 && known.conversationId === claim.conversation;
      return isSame ? readClaim(tx, claim, known.listVersion) : { kind: 'claim-taken' };
    }

    const devices = await tx.device.findMany({
      where: { userId: target, removedAt: null, deviceId: { not: claim.claimerDevice } },
      select: { deviceId: true },
    });
    const ids = devices.map(({ deviceId }) => deviceId);
    const recent = await countRecent(tx, { claimer, target });
    const oneTime = recent < perHour ? await takeOneTime(tx, ids) : [];
    const served = new Set(oneTime.map(({ device_id }) => device_id));
    const lastResort = await findLastResort(
      tx,
      ids.filter((id) => !served.has(id)),
    );
    const taken = [...oneTime, ...lastResort];
    if (taken.length === 0 && ids.length > 0) return { kind: 'no-key-packages' };

    const { claimId, conversation: conversationId } = claim;
    const { listVersion } = owner;
    await tx.claim.create({ data: { claimer, claimId, target, conversationId, listVersion } });
    await tx.claimedPackage.createMany({
      data: taken.map(({ device_id, ref }) => ({
        claimer,
        claimId,
        deviceId: device_id,
        ref: toStored(ref),
      })),
    });
    return readClaim(tx, claim, listVersion);
  });
}

interface TakenPackage {
  device_id: string;
  ref: Uint8Array;
}

async function countRecent(tx: Transaction, pair: { claimer: Uint8Array; target: Uint8Array }) {
  const rows = await tx.$queryRaw<{ recent: number }[]>`
    select count(*)::int as recent from auth.claims
    where claimer = ${pair.claimer} and target = ${pair.target}
      and claimed_at > clock_timestamp() - interval '1 hour'`;
  return rows[0]?.recent ?? 0;
}

function takeOneTime(tx: Transaction, devices: string[]): Promise<TakenPackage[]> {
  return tx.$queryRaw<TakenPackage[]>`
    with picked as (
      select free.device_id, free.ref
      from unnest(${devices}::uuid[]) as wanted (device_id)
      cross join lateral (
        select k.device_id, k.ref from auth.key_packages k
        where k.device_id = wanted.device_id and k.spent_at is null and not k.last_resort
          and k.not_after > clock_timestamp() + ${LEAST_LIFE}::interval
        order by k.uploaded_at
        limit 1
        for update skip locked
      ) free
    )
    update auth.key_packages k set spent_at = clock_timestamp()
    from picked where k.device_id = picked.device_id and k.ref = picked.ref
    returning k.device_id, k.ref`;
}

function findLastResort(tx: Transaction, devices: string[]): Promise<TakenPackage[]> {
  return tx.$queryRaw<TakenPackage[]>`
    select device_id, ref from auth.key_packages
    where device_id = any(${devices}::uuid[]) and spent_at is null and last_resort
      and not_after > clock_timestamp() + ${LEAST_LIFE}::interval`;
}

async function readClaim(tx: Transaction, claim: Claim, version: number): Promise<Outcome> {
  const target = storedUser(claim.target);
  const list = await tx.deviceList.findUnique({ where: { userId_version: { userId: target, version } } });
  // What has expired since the first answer is missing from this one.
  const packages = await tx.$queryRaw<(TakenPackage & { key_package: Uint8Array; last_resort: boolean })[]>`
    select k.device_id, k.ref, k.key_package, k.last_resort
    from auth.claimed_packages c join auth.key_packages k using (device_id, ref)
    where c.claimer = ${storedUser(claim.claimer)} and c.claim_id = ${claim.claimId}::uuid
    order by k.device_id`;
  if (list === null) return { kind: 'no-such-user' };
  return {
    kind: 'claimed',
    deviceList: list.statement,
    packages: packages.map((row): ClaimedPackage => ({
      deviceId: row.device_id as DeviceId,
      ref: row.ref,
      bytes: row.key_package,
      lastResort: row.last_resort,
    })),
  };
}
