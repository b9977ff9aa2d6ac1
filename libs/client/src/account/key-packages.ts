import { createKeyPackage, type OwnDevice } from '@wisp/e2ee';
import { countKeyPackages, encodeBase64url, limits, uploadKeyPackages } from '@wisp/protocol';
import { z } from 'zod';
import { decodeRecord, decodeSound, encodeRecord, nullIfDamaged, recordBytes } from '../store/record.js';
import { put, remove, type Store } from '../store/store.js';
import type { HttpClient } from '../transport/transport.js';
import type { KeyPackages, OwnKeyPackage } from './account.js';

const COLLECTION = 'key-packages';
const SPARE = 20;
const DAY_MS = 24 * 60 * 60 * 1000;
const LAST_RESORT_AGE_MS = 7 * DAY_MS;
/** A Welcome may have waited for this device, or be on its way, when its package ended or was replaced. */
const GRACE_MS = 30 * DAY_MS;
const REPLACED_GRACE_MS = 7 * DAY_MS;

const packageRecord = z.object({
  keyPackage: recordBytes,
  ref: recordBytes,
  secrets: recordBytes,
  notAfter: z.int(),
  lastResort: z.boolean(),
  madeAt: z.int(),
});
type PackageRecord = z.output<typeof packageRecord>;

export interface KeyPackagesParts {
  store: Store;
  http: HttpClient;
  me: OwnDevice;
  /** Server time. */
  now: () => number;
}

export function openKeyPackages({ store, http, me, now }: KeyPackagesParts): KeyPackages {
  async function all(): Promise<PackageRecord[]> {
    return decodeSound(packageRecord, await store.range(COLLECTION));
  }

  /** Null also where it is damaged: what was made for it can't be opened any more. */
  function find(ref: Uint8Array): Promise<PackageRecord | null> {
    return nullIfDamaged(read(ref));
  }
  async function read(ref: Uint8Array): Promise<PackageRecord | null> {
    const record = await store.get(COLLECTION, keyOf(ref));
    return record && decodeRecord(packageRecord, record);
  }

  async function sweep(): Promise<void> {
    const records = await all();
    const newest = newestLastResort(records);
    const isDead = ({ notAfter, lastResort, madeAt }: PackageRecord) =>
      now() > notAfter + GRACE_MS || (lastResort && madeAt < newest && now() > newest + REPLACED_GRACE_MS);
    const gone = records.filter(isDead);
    if (gone.length > 0) await store.commit(gone.map(({ ref }) => remove(COLLECTION, keyOf(ref))));
  }

  async function make(lastResort: 'last-resort' | 'one-time'): Promise<PackageRecord> {
    const madeAt = now();
    const bundle = await createKeyPackage({ me, now: madeAt, lastResort: lastResort === 'last-resort' });
    return { ...bundle, lastResort: lastResort === 'last-resort', madeAt };
  }

  /** The secrets are stored before anybody can claim them. */
  async function publish(oneTime: PackageRecord[], lastResort: PackageRecord | null): Promise<boolean> {
    const made = lastResort ? [...oneTime, lastResort] : oneTime;
    await store.commit(made.map((record) => put(COLLECTION, keyOf(record.ref), encodeRecord(record))));
    const result = await http.call(uploadKeyPackages, {
      body: {
        keyPackages: oneTime.map(published),
        ...(lastResort ? { lastResort: published(lastResort) } : {}),
      },
    });
    return result.kind === 'ok';
  }

  async function needsLastResort(stands: boolean): Promise<boolean> {
    return !stands || now() - newestLastResort(await all()) > LAST_RESORT_AGE_MS;
  }

  async function replenish(conversations: number): Promise<void> {
    await sweep();
    const stock = await http.call(countKeyPackages, {});
    if (stock.kind !== 'ok') return;
    let missing = conversations + SPARE - stock.value.count;
    let lastResort = (await needsLastResort(stock.value.lastResort)) ? await make('last-resort') : null;
    while (missing > 0 || lastResort) {
      const batch = Math.max(0, Math.min(missing, limits.keyPackagesPerUpload));
      const oneTime: PackageRecord[] = [];
      for (let i = 0; i < batch; i++) oneTime.push(await make('one-time'));
      // What was in doubt is never offered again: it may have been claimed. Its secrets go at the end of its life.
      if (!(await publish(oneTime, lastResort))) return;
      missing -= batch;
      lastResort = null;
    }
  }

  let running: Promise<void> | null = null;

  return {
    secret: (ref): Promise<OwnKeyPackage | null> => find(ref),
    async makeForRepair() {
      const record = await make('one-time');
      await store.commit([put(COLLECTION, keyOf(record.ref), encodeRecord(record))]);
      return record.keyPackage;
    },
    async spend(ref) {
      const record = await find(ref);
      if (!record || record.lastResort) return [];
      return [remove(COLLECTION, keyOf(ref))];
    },
    replenish({ conversations }) {
      // Two at once would count before either has uploaded.
      running ??= replenish(conversations).finally(() => (running = null));
      return running;
    },
  };
}

function newestLastResort(records: PackageRecord[]): number {
  return Math.max(0, ...records.filter(({ lastResort }) => lastResort).map(({ madeAt }) => madeAt));
}

function published({ ref, keyPackage, notAfter }: PackageRecord) {
  return { ref: encodeBase64url(ref), keyPackage: encodeBase64url(keyPackage), notAfter };
}

function keyOf(ref: Uint8Array): string {
  return encodeBase64url(ref);
}
