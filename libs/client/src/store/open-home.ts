import { createStoreKey } from '@wisp/e2ee';
import { deviceId, encodeBase64url, userId, username } from '@wisp/protocol';
import { z } from 'zod';
import type { Ground, MachineKey } from './ground.js';
import { openBox, sealBox } from './machine-box.js';
import { decodeRecord, encodeRecord, recordBytes } from './record.js';
import { HOME_COLLECTION, sealedStore, type SealedStore } from './sealed-store.js';
import type { Sleeper, StoreHome } from './store-home.js';
import { put, StoreDamaged, StoreLost, type Store } from './store.js';

const SEAT = 'seat';
const SLEEPER_LABEL = 'wisp/store/sleeper/1';
const KEY_LABEL = 'wisp/store/key/1';
const LOCKED_KEY_LABEL = 'wisp/store/locked-key/1';
const GUARDED_KEY_LABEL = 'wisp/store/guarded-key/1';

const sleeperText = z.object({
  username,
  userId: userId.optional(),
  deviceId,
  state: z.enum(['open', 'locked']),
  straySession: z.literal(true).optional(),
});

/** One record, so that whose store it is and what opens it change together. */
const seatText = z.object({
  v: z.literal(1),
  /** The machine key that seals the other two. */
  machineKey: z.string(),
  sleeper: recordBytes,
  /** The store's key; while locked, sealed under the guard before. */
  key: recordBytes,
});

interface Seat {
  machineKey: MachineKey;
  sleeper: Sleeper;
  keyBox: Uint8Array;
}

export function openHome(ground: Ground): StoreHome {
  let opened: { key: Uint8Array; sealed: SealedStore } | null = null;

  async function readSeat(): Promise<Seat | null> {
    const record = await ground.records.get(HOME_COLLECTION, SEAT);
    if (!record) return null;
    const seat = decodeRecord(seatText, record);
    const machineKey = await ground.machineKeys.get(seat.machineKey);
    if (!machineKey) throw new StoreDamaged('the machine key is missing');
    const sleeper = await openBox(machineKey.key, SLEEPER_LABEL, seat.sleeper);
    return { machineKey, sleeper: asSleeper(decodeRecord(sleeperText, sleeper)), keyBox: seat.key };
  }

  async function mustReadSeat(): Promise<Seat> {
    const seat = await readSeat();
    if (!seat) throw new StoreLost('no store stands here');
    return seat;
  }

  async function writeSeat({ machineKey, sleeper, keyBox }: Seat): Promise<void> {
    const sleeperBox = await sealBox(machineKey.key, SLEEPER_LABEL, encodeRecord(sleeper));
    const seat: z.input<typeof seatText> = {
      v: 1,
      machineKey: machineKey.id,
      sleeper: encodeBase64url(sleeperBox),
      key: encodeBase64url(keyBox),
    };
    await ground.records.commit([put(HOME_COLLECTION, SEAT, encodeRecord(seat))]);
  }

  function show(key: Uint8Array): Store {
    forget();
    opened = { key, sealed: sealedStore(ground.records, key) };
    return opened.sealed.store;
  }
  function forget(): void {
    opened?.sealed.forget();
    opened?.key.fill(0);
    opened = null;
  }

  return {
    async sleeper() {
      try {
        return (await readSeat())?.sleeper ?? null;
      } catch (error) {
        if (error instanceof StoreDamaged) return null;
        throw error;
      }
    },
    async create(sleeper) {
      forget();
      await ground.clear();
      const key = await createStoreKey();
      const machineKey = await ground.machineKeys.make();
      const keyBox = await sealBox(machineKey.key, KEY_LABEL, key);
      await writeSeat({ machineKey, sleeper: { ...sleeper, state: 'open' }, keyBox });
      return show(key);
    },
    async open() {
      const { machineKey, sleeper, keyBox } = await mustReadSeat();
      if (sleeper.state !== 'open') throw new StoreLost('this store is locked');
      // Another key is left over when the engine died while it replaced one.
      await ground.machineKeys.keepOnly(machineKey.id);
      return show(await openBox(machineKey.key, KEY_LABEL, keyBox));
    },
    async unlock(guard) {
      const { machineKey, sleeper, keyBox } = await mustReadSeat();
      if (sleeper.state !== 'locked') throw new StoreLost('this store is not locked');
      const guarded = await openBox(machineKey.key, LOCKED_KEY_LABEL, keyBox);
      const key = await openGuarded(guard, guarded);
      if (!key) return null;
      const openKeyBox = await sealBox(machineKey.key, KEY_LABEL, key);
      await writeSeat({ machineKey, sleeper: { ...sleeper, state: 'open' }, keyBox: openKeyBox });
      return show(key);
    },
    async lock(guard, notes) {
      if (!opened) throw new StoreLost('this store is not open');
      const { sleeper } = await mustReadSeat();
      const guarded = await sealBox(await importGuard(guard), GUARDED_KEY_LABEL, opened.key);
      // A new machine key: what the old one sealed can linger in the files of the database.
      const machineKey = await ground.machineKeys.make();
      const keyBox = await sealBox(machineKey.key, LOCKED_KEY_LABEL, guarded);
      await writeSeat({ machineKey, sleeper: { ...sleeper, ...notes, state: 'locked' }, keyBox });
      forget();
      await ground.machineKeys.keepOnly(machineKey.id);
    },
    async note(sleeper) {
      const seat = await mustReadSeat();
      if (sleeper.state !== seat.sleeper.state) throw new RangeError('only lock and unlock change the state');
      await writeSeat({ ...seat, sleeper });
    },
    async erase() {
      forget();
      await ground.clear();
    },
    async close() {
      forget();
      await ground.close();
    },
  };
}

function importGuard(guard: Uint8Array): Promise<CryptoKey> {
  if (guard.length !== 32) throw new RangeError('a guard has 32 bytes');
  return crypto.subtle.importKey('raw', new Uint8Array(guard), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function openGuarded(guard: Uint8Array, guarded: Uint8Array): Promise<Uint8Array | null> {
  try {
    return await openBox(await importGuard(guard), GUARDED_KEY_LABEL, guarded);
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}

/** Absent fields as absent ones. */
function asSleeper({ userId, straySession, ...rest }: z.infer<typeof sleeperText>): Sleeper {
  return { ...rest, ...(userId ? { userId } : {}), ...(straySession ? { straySession } : {}) };
}
