import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deviceId, userId, username } from '@wisp/protocol';
import { z } from 'zod';
import { encode, SoundRecords } from '../src/conversations/sound-records.js';
import type { Ground } from '../src/store/ground.js';
import { openLevelGround } from '../src/store/level-ground.js';
import { openHome } from '../src/store/open-home.js';
import { put, type Store } from '../src/store/store.js';
import type { StoreHome } from '../src/store/store-home.js';

const owner = {
  username: username.parse('ada'),
  userId: userId.parse('A'.repeat(43)),
  deviceId: deviceId.parse('00000000-0000-4000-8000-000000000002'),
};

let folder: string;
let ground: Ground;
let home: StoreHome;
let store: Store;
let sound: SoundRecords;
let met: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wisp-sound-'));
  ground = await openLevelGround(folder);
  home = openHome(ground);
  store = await home.create(owner);
  sound = new SoundRecords(store);
  met = [];
  sound.onDamaged = ({ key }) => met.push(key);
  await store.commit(['a', 'b', 'c', 'd', 'e'].map((key) => put('letters', key, encode(key))));
});
afterEach(async () => {
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

/** One bit of what lies on the disk. */
async function spoil(...keys: string[]): Promise<void> {
  for (const key of keys) {
    const sealed = (await ground.records.get('letters', key))!;
    await ground.records.commit([
      put(
        'letters',
        key,
        sealed.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
      ),
    ]);
  }
}

const read = async (range: Parameters<Store['range']>[1]) =>
  (await sound.range(z.string(), 'letters', range)).map(({ record }) => record);

test('a damaged record counts as absent, and is told of', async () => {
  await spoil('b');
  expect(await sound.get(z.string(), { collection: 'letters', key: 'b' })).toBeNull();
  expect(await sound.bytes({ collection: 'letters', key: 'b' })).toBeNull();
  expect(await sound.get(z.string(), { collection: 'letters', key: 'a' })).toBe('a');
  expect(met).toEqual(['b', 'b']);
});

test('so does one that opens and isn’t what it should be', async () => {
  await store.commit([put('letters', 'b', encode(7)), put('letters', 'c', new Uint8Array([123]))]);
  expect(await read({})).toEqual(['a', 'd', 'e']);
  expect(met).toEqual(['b', 'c']);
});

test('a range holds as many as were asked for, whatever lies between', async () => {
  await spoil('b', 'c');
  expect(await read({ limit: 2 })).toEqual(['a', 'd']);
  expect(await read({ limit: 2, reverse: true })).toEqual(['e', 'd']);
  expect(await read({ limit: 3, reverse: true })).toEqual(['e', 'd', 'a']);
  expect(await read({ limit: 9 })).toEqual(['a', 'd', 'e']);
  expect(await read({ from: 'b', to: 'e', limit: 1 })).toEqual(['d']);
});

test('what is true of keys alone wants the record sound, too', async () => {
  await spoil('b');
  expect(await sound.openKeys('letters', { limit: 3 })).toEqual(['a', 'c']);
  expect(met).toEqual(['b']);
});
