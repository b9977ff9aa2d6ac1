import type { SigningKeyStore, StoredSigningKey } from '../domain/signing-keys.js';
import { toStored, type Database } from './connect-database.js';
import { runTransaction } from './run-transaction.js';

export function createSigningKeyStore(database: Database): SigningKeyStore {
  return {
    async list() {
      const rows = await database.$queryRaw<(StoredSigningKey & { active: boolean })[]>`
        select kid, public_x as "publicX", public_y as "publicY", sealed_key as "sealedKey",
          sealed_by as "sealedBy", active_from <= clock_timestamp() as active
        from auth.signing_keys order by active_from desc, kid`;
      return rows;
    },

    rotate: ({ sealedBy, rotateAfter, lead, dropAfter, make }) =>
      runTransaction(database, async (tx) => {
        await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('wisp.auth.signing-keys'))`;
        const rows = await tx.$queryRaw<{ age: number }[]>`
          select extract(epoch from clock_timestamp() - active_from)::float8 as age
          from auth.signing_keys where sealed_by = ${sealedBy} order by active_from desc limit 1`;
        const age = rows[0]?.age;
        if (age === undefined || age > rotateAfter - lead) {
          const key = make();
          const wait = age === undefined ? 0 : lead;
          await tx.$executeRaw`
            insert into auth.signing_keys (kid, public_x, public_y, sealed_key, sealed_by, active_from)
            values (${key.kid}, ${key.publicX}, ${key.publicY}, ${toStored(key.sealedKey)}, ${key.sealedBy},
              clock_timestamp() + make_interval(secs => ${wait}::float8))`;
        }
        await tx.$executeRaw`
          delete from auth.signing_keys k where exists (
            select 1 from auth.signing_keys successor
            where successor.active_from > k.active_from
              and successor.active_from < clock_timestamp() - make_interval(secs => ${dropAfter}::float8))
            and k.active_from < clock_timestamp() - make_interval(secs => ${rotateAfter + lead + dropAfter}::float8)`;
      }),
  };
}
