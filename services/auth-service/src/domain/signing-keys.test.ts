import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createSigningKeys, type SigningKeyStore, type StoredSigningKey } from './signing-keys.js';

/** Keeps what it is given: the seal alone is looked at here. */
function keep(): SigningKeyStore & { keys: (StoredSigningKey & { active: boolean })[] } {
  const keys: (StoredSigningKey & { active: boolean })[] = [];
  return {
    keys,
    list: () => Promise.resolve(keys),
    rotate({ sealedBy, make }) {
      if (!keys.some((key) => key.sealedBy === sealedBy)) keys.unshift({ ...make(), active: true });
      return Promise.resolve();
    },
  };
}

test('a key opens in another process with the same secret', async () => {
  const store = keep();
  const secret = randomBytes(32);
  const first = await createSigningKeys(store, secret).current();
  const second = await createSigningKeys(store, secret).current();
  expect(second.kid).toBe(first.kid);
  expect(second.privateKey.equals(first.privateKey)).toBe(true);
  expect(store.keys).toHaveLength(1);
});

test('a sealed key that was changed, or put under another kid, is refused', async () => {
  const secret = randomBytes(32);
  const store = keep();
  await createSigningKeys(store, secret).rotate();
  const [key] = store.keys;
  if (!key) throw new Error('no key');
  const sound = key.sealedKey;
  for (const place of [0, 12, sound.length - 1]) {
    const broken = Buffer.from(sound);
    broken[place] = (broken[place] ?? 0) ^ 1;
    key.sealedKey = broken;
    await expect(createSigningKeys(store, secret).current()).rejects.toThrow();
  }
  key.sealedKey = sound;
  key.kid = 'another';
  await expect(createSigningKeys(store, secret).current()).rejects.toThrow();
});

test('what is published holds nothing private', async () => {
  const keys = createSigningKeys(keep(), randomBytes(32));
  await keys.rotate();
  const { keys: published } = await keys.jwks();
  expect(published.map((key) => Object.keys(key).sort())).toEqual([
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  ]);
});
