import 'fake-indexeddb/auto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deviceId, userId, username } from '@wisp/protocol';
import type { Ground } from '../src/store/ground.js';
import { openIndexedDbGround } from '../src/store/indexeddb-ground.js';
import { openLevelGround } from '../src/store/level-ground.js';
import { openHome } from '../src/store/open-home.js';
import { put, remove, StoreDamaged, StoreLost } from '../src/store/store.js';
import type { StoreHome } from '../src/store/store-home.js';

const ada = {
  username: username.parse('ada'),
  userId: userId.parse('A'.repeat(43)),
  deviceId: deviceId.parse('00000000-0000-4000-8000-000000000002'),
};
const bytes = (text: string) => new TextEncoder().encode(text);
const guard = new Uint8Array(32).fill(7);

const grounds: [string, () => Promise<{ open: () => Promise<Ground>; folder?: string }>][] = [
  [
    'IndexedDB',
    async () => {
      const name = `wisp-${crypto.randomUUID()}`;
      return { open: () => openIndexedDbGround(name) };
    },
  ],
  [
    'LevelDB',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'wisp-home-'));
      return { open: () => openLevelGround(folder), folder };
    },
  ],
];

describe.each(grounds)('a home on %s', (_, makePlace) => {
  let place: { open: () => Promise<Ground>; folder?: string };
  let ground: Ground;
  let home: StoreHome;

  beforeEach(async () => {
    place = await makePlace();
    ground = await place.open();
    home = openHome(ground);
  });
  afterEach(async () => {
    await home.close();
    if (place.folder) await rm(place.folder, { recursive: true, force: true });
  });
  async function reopen(): Promise<void> {
    await home.close();
    ground = await place.open();
    home = openHome(ground);
  }

  test('is empty at first', async () => {
    expect(await home.sleeper()).toBeNull();
    await expect(home.open()).rejects.toThrow(StoreLost);
    await expect(home.unlock(guard)).rejects.toThrow(StoreLost);
  });

  test('names its sleeper and opens after a restart', async () => {
    const store = await home.create(ada);
    await store.commit([put('c', 'k', bytes('hi'))]);
    await reopen();
    expect(await home.sleeper()).toEqual({ ...ada, state: 'open' });
    const again = await home.open();
    expect(await again.get('c', 'k')).toEqual(bytes('hi'));
    expect(await again.range('c')).toEqual([{ key: 'k', value: bytes('hi') }]);
    await again.commit([remove('c', 'k')]);
    expect(await again.get('c', 'k')).toBeNull();
  });

  test('locked, only the guard opens it, and the store from before is dead', async () => {
    const store = await home.create(ada);
    await store.commit([put('c', 'k', bytes('hi'))]);
    await home.lock(guard, { straySession: true });
    await expect(store.get('c', 'k')).rejects.toThrow(StoreLost);
    await expect(store.commit([])).rejects.toThrow(StoreLost);

    await reopen();
    expect(await home.sleeper()).toEqual({ ...ada, state: 'locked', straySession: true });
    await expect(home.open()).rejects.toThrow(StoreLost);
    expect(await home.unlock(new Uint8Array(32).fill(8))).toBeNull();
    const again = await home.unlock(guard);
    expect(await again?.get('c', 'k')).toEqual(bytes('hi'));

    await reopen();
    expect(await (await home.open()).get('c', 'k')).toEqual(bytes('hi'));
  });

  test('locking replaces the machine key', async () => {
    await home.create(ada);
    const before = await seatOf(ground);
    await home.lock(guard, {});
    const after = await seatOf(ground);
    expect(after.machineKey).not.toBe(before.machineKey);
    expect(await ground.machineKeys.get(before.machineKey)).toBeNull();
    expect(await ground.machineKeys.get(after.machineKey)).not.toBeNull();
  });

  test('notes are kept; they do not lock or unlock', async () => {
    await home.create({ username: ada.username, deviceId: ada.deviceId });
    expect(await home.sleeper()).toEqual({ username: 'ada', deviceId: ada.deviceId, state: 'open' });
    await home.note({ ...ada, state: 'open' });
    expect(await home.sleeper()).toEqual({ ...ada, state: 'open' });
    await expect(home.note({ ...ada, state: 'locked' })).rejects.toThrow(RangeError);
  });

  test('erased, nothing is left', async () => {
    const store = await home.create(ada);
    await store.commit([put('c', 'k', bytes('hi'))]);
    await home.erase();
    expect(await home.sleeper()).toBeNull();
    expect(await ground.records.range('c')).toEqual([]);
    await expect(store.get('c', 'k')).rejects.toThrow(StoreLost);
  });

  test('another store takes the place of what stood here', async () => {
    const store = await home.create(ada);
    await store.commit([put('c', 'k', bytes('hi'))]);
    const other = await home.create({ ...ada, username: username.parse('bob') });
    expect(await other.get('c', 'k')).toBeNull();
    expect((await home.sleeper())?.username).toBe('bob');
  });

  test('no value lies open, and a record that was moved or changed does not open', async () => {
    const store = await home.create(ada);
    await store.commit([put('c', 'k', bytes('a canary that sings')), put('c', 'l', bytes('other'))]);
    const sealed = await ground.records.get('c', 'k');
    if (!sealed) throw new Error('the record is missing');
    expect(new TextDecoder('latin1').decode(sealed)).not.toContain('canary');
    expect(
      new TextDecoder('latin1').decode((await ground.records.get('home', 'seat')) ?? undefined),
    ).not.toContain('ada');
    await ground.records.commit([put('c', 'l', sealed)]);
    await expect(store.get('c', 'l')).rejects.toThrow(StoreDamaged);
    await ground.records.commit([put('d', 'k', sealed)]);
    await expect(store.get('d', 'k')).rejects.toThrow(StoreDamaged);
    await ground.records.commit([
      put(
        'c',
        'k',
        sealed.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
      ),
    ]);
    await expect(store.get('c', 'k')).rejects.toThrow(StoreDamaged);
  });

  test('a damaged record hides no other one of its range', async () => {
    const store = await home.create(ada);
    await store.commit(['a', 'b', 'c'].map((key) => put('c', key, bytes(key))));
    const sealed = await ground.records.get('c', 'b');
    if (!sealed) throw new Error('the record is missing');
    await ground.records.commit([put('c', 'b', sealed.subarray(1))]);
    expect(await store.range('c')).toEqual([
      { key: 'a', value: bytes('a') },
      { key: 'b', value: null },
      { key: 'c', value: bytes('c') },
    ]);
    await expect(store.get('c', 'b')).rejects.toThrow(StoreDamaged);
  });

  test('sealed commits keep their order, and the seat is out of reach', async () => {
    const store = await home.create(ada);
    const numbers = Array.from({ length: 30 }, (_, i) => i);
    await Promise.all(
      numbers.map((i) => store.commit([put('c', 'k', new Uint8Array(3000 - 90 * i).fill(i))])),
    );
    expect((await store.get('c', 'k'))?.[0]).toBe(29);
    await expect(store.commit([put('home', 'seat', bytes('x'))])).rejects.toThrow(RangeError);
    await store.commit([put('c', 'k', bytes('on'))]);
    expect(await store.get('c', 'k')).toEqual(bytes('on'));
  });

  test('without its machine key nobody sleeps there any more', async () => {
    await home.create(ada);
    await ground.machineKeys.keepOnly('none');
    expect(await home.sleeper()).toBeNull();
    await expect(home.open()).rejects.toThrow(StoreDamaged);
    await home.create(ada);
    expect(await home.sleeper()).toMatchObject({ username: 'ada' });
  });
});

test('a home in a folder leaves nothing readable in its files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wisp-home-'));
  const home = openHome(await openLevelGround(folder));
  const store = await home.create(ada);
  await store.commit([put('c', 'k', bytes('a canary that sings'))]);
  await home.close();
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')));
  expect(texts.some((text) => text.includes('home seat'))).toBe(true);
  expect(texts.filter((text) => text.includes('canary') || text.includes('"ada"'))).toEqual([]);
  await rm(folder, { recursive: true });
});

async function seatOf(ground: Ground): Promise<{ machineKey: string }> {
  const seat = await ground.records.get('home', 'seat');
  return JSON.parse(new TextDecoder().decode(seat ?? undefined)) as { machineKey: string };
}
