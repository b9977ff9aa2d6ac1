import { describe, expect, test } from '@jest/globals';
import { createStoreKey, openRecord, sealRecord } from './store-seal.js';

const record = new TextEncoder().encode('a secret');
const recordKey = 'messages/7';

describe('a sealed record', () => {
  test('opens where it was put', async () => {
    const storeKey = await createStoreKey();
    const sealed = await sealRecord({ storeKey, recordKey }, record);
    expect(await openRecord({ storeKey, recordKey }, sealed)).toEqual({ kind: 'ok', record });
  });

  test('is another one each time', async () => {
    const storeKey = await createStoreKey();
    const first = await sealRecord({ storeKey, recordKey }, record);
    expect(await sealRecord({ storeKey, recordKey }, record)).not.toEqual(first);
  });

  test('does not open under another key, in another place, changed or cut', async () => {
    const storeKey = await createStoreKey();
    const seal = { storeKey, recordKey };
    const sealed = await sealRecord(seal, record);
    const changed = sealed.slice();
    changed[30] = (changed[30] ?? 0) ^ 1;
    const outcomes = await Promise.all([
      openRecord({ storeKey: await createStoreKey(), recordKey }, sealed),
      openRecord({ storeKey, recordKey: 'messages/8' }, sealed),
      openRecord(seal, changed),
      openRecord(seal, sealed.subarray(0, 39)),
      openRecord(seal, new Uint8Array()),
    ]);
    expect(outcomes).toEqual(Array(5).fill({ kind: 'refused', reason: 'damaged' }));
  });

  test('an empty record can be sealed', async () => {
    const storeKey = await createStoreKey();
    const sealed = await sealRecord({ storeKey, recordKey }, new Uint8Array());
    expect(sealed.length).toBe(40);
    expect(await openRecord({ storeKey, recordKey }, sealed)).toEqual({
      kind: 'ok',
      record: new Uint8Array(),
    });
  });

  test('a key of a wrong length is a fault, not an outcome', async () => {
    const seal = { storeKey: new Uint8Array(31), recordKey };
    await expect(sealRecord(seal, record)).rejects.toThrow(TypeError);
    await expect(openRecord(seal, new Uint8Array(60))).rejects.toThrow(TypeError);
  });
});
