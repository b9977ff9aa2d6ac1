import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StoreLost, put, remove } from '../src/store/store.js';
import type { Ground, UnsealedRecords } from '../src/store/ground.js';

export interface GroundPlace {
  open(): Promise<Ground>;
  /** Another engine comes: it takes over, or gets the place once `older` has let go. */
  takeOver(older: Ground): Promise<Ground>;
  discard(): Promise<void>;
}

const utf8 = new TextEncoder();
const bytes = (text: string) => utf8.encode(text);

async function texts(
  store: UnsealedRecords,
  ...args: Parameters<UnsealedRecords['range']>
): Promise<string[]> {
  return (await store.range(...args)).map(({ key, value }) => `${key}=${new TextDecoder().decode(value)}`);
}

/** What every ground promises. */
export function groundContract(makePlace: () => Promise<GroundPlace>): void {
  let place: GroundPlace;
  let ground: Ground;
  let store: UnsealedRecords;

  beforeEach(async () => {
    place = await makePlace();
    ground = await place.open();
    store = ground.records;
  });
  afterEach(async () => {
    await ground.close();
    await place.discard();
  });

  describe('records', () => {
    test('are found by collection and key', async () => {
      await store.commit([put('a', 'k', bytes('1')), put('b', 'k', bytes('2'))]);
      expect(await store.get('a', 'k')).toEqual(bytes('1'));
      expect(await store.get('b', 'k')).toEqual(bytes('2'));
      expect(await store.get('a', 'other')).toBeNull();
    });

    test('may be empty, and hold any byte', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.commit([put('a', 'all', all), put('a', 'none', new Uint8Array())]);
      expect(await store.get('a', 'all')).toEqual(all);
      expect(await store.get('a', 'none')).toEqual(new Uint8Array());
    });

    test('are replaced and deleted; deleting what is not there is fine', async () => {
      await store.commit([put('a', 'k', bytes('1')), put('a', 'l', bytes('1'))]);
      await store.commit([put('a', 'k', bytes('2')), remove('a', 'l'), remove('a', 'm')]);
      expect(await texts(store, 'a')).toEqual(['k=2']);
    });

    test('within one commit the last change of a key counts', async () => {
      await store.commit([put('a', 'k', bytes('1')), remove('a', 'k'), put('a', 'k', bytes('2'))]);
      await store.commit([put('a', 'l', bytes('1')), remove('a', 'l')]);
      expect(await texts(store, 'a')).toEqual(['k=2']);
    });

    test('an empty commit is fine', async () => {
      await store.commit([]);
    });

    test('outlive the engine', async () => {
      await store.commit([put('a', 'k', bytes('1'))]);
      await ground.close();
      ground = await place.open();
      expect(await ground.records.get('a', 'k')).toEqual(bytes('1'));
    });

    test.each(['', 'ä', 'a b', 'a\u0000', 'x'.repeat(257)])('the key %j is refused', async (key) => {
      await expect(store.commit([put('a', 'good', bytes('1')), put('a', key, bytes('1'))])).rejects.toThrow(
        RangeError,
      );
      await expect(store.commit([put(key, 'good', bytes('1'))])).rejects.toThrow(RangeError);
      expect(await store.range('a')).toEqual([]);
    });
  });

  describe('ranges', () => {
    beforeEach(async () => {
      const keys = ['a', 'b', 'b/1', 'b/2', 'c', '!', '~'];
      await store.commit([
        ...keys.map((key) => put('mid', key, bytes('1'))),
        put('mi', 'z', bytes('0')),
        put('mid!', '!', bytes('0')),
        put('mid/', 'a', bytes('0')),
      ]);
    });
    const keysOf = async (range: Parameters<UnsealedRecords['range']>[1]) =>
      (await store.range('mid', range)).map(({ key }) => key);

    test('a whole collection, in order, and nothing of its neighbours', async () => {
      expect(await keysOf({})).toEqual(['!', 'a', 'b', 'b/1', 'b/2', 'c', '~']);
      expect(await store.range('none')).toEqual([]);
    });
    test('from is included, to is excluded', async () => {
      expect(await keysOf({ from: 'b', to: 'c' })).toEqual(['b', 'b/1', 'b/2']);
      expect(await keysOf({ from: 'b/11' })).toEqual(['b/2', 'c', '~']);
      expect(await keysOf({ to: 'b' })).toEqual(['!', 'a']);
    });
    test('an empty or turned range holds nothing', async () => {
      expect(await keysOf({ from: 'b', to: 'b' })).toEqual([]);
      expect(await keysOf({ from: 'c', to: 'a' })).toEqual([]);
    });
    test('reverse and limit', async () => {
      expect(await keysOf({ limit: 2 })).toEqual(['!', 'a']);
      expect(await keysOf({ limit: 0 })).toEqual([]);
      expect(await keysOf({ reverse: true, limit: 2 })).toEqual(['~', 'c']);
      expect(await keysOf({ reverse: true })).toEqual(['~', 'c', 'b/2', 'b/1', 'b', 'a', '!']);
      expect(await keysOf({ from: 'a', to: 'c', reverse: true, limit: 2 })).toEqual(['b/2', 'b/1']);
      expect(await keysOf({ from: 'a', to: 'c', reverse: true, limit: 0 })).toEqual([]);
    });
  });

  test('commits take effect in the order of the calls', async () => {
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(numbers.map((i) => store.commit([put('a', 'k', bytes(`${i}`))])));
    expect(await store.get('a', 'k')).toEqual(bytes('49'));
  });

  test('an engine that was taken over stores nothing more', async () => {
    await store.commit([put('a', 'k', bytes('mine'))]);
    const newer = await place.takeOver(ground);
    await newer.records.commit([put('a', 'k', bytes('theirs'))]);
    await expect(store.commit([put('a', 'k', bytes('late'))])).rejects.toThrow(StoreLost);
    expect(await newer.records.get('a', 'k')).toEqual(bytes('theirs'));
    await newer.close();
  });

  test('a closed ground answers StoreLost', async () => {
    await ground.close();
    await expect(store.get('a', 'k')).rejects.toThrow(StoreLost);
    await expect(store.range('a')).rejects.toThrow(StoreLost);
    await expect(store.commit([])).rejects.toThrow(StoreLost);
  });

  test('clearing deletes records and keys, and the ground can be used on', async () => {
    const { id } = await ground.machineKeys.make();
    await store.commit([put('a', 'k', bytes('1'))]);
    await ground.clear();
    expect(await store.range('a')).toEqual([]);
    expect(await ground.machineKeys.get(id)).toBeNull();
    await store.commit([put('a', 'k', bytes('2'))]);
    await ground.close();
    ground = await place.open();
    expect(await texts(ground.records, 'a')).toEqual(['k=2']);
  });

  test('machine keys outlive the engine, and only the wanted one stays', async () => {
    const [first, second] = [await ground.machineKeys.make(), await ground.machineKeys.make()];
    expect(second.id).not.toBe(first.id);
    await ground.close();
    ground = await place.open();
    expect((await ground.machineKeys.get(first.id))?.key.extractable).toBe(false);
    await ground.machineKeys.keepOnly(second.id);
    expect(await ground.machineKeys.get(first.id)).toBeNull();
    expect((await ground.machineKeys.get(second.id))?.id).toBe(second.id);
  });
}
