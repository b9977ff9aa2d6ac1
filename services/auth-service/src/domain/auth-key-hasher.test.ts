import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createAuthKeyHasher, type HasherSettings } from './auth-key-hasher.js';

const settings: HasherSettings = { pepper: randomBytes(32), cost: 4, concurrency: 1, queueLimit: 8 };
const hashOf = async (hasher: Awaited<ReturnType<typeof createAuthKeyHasher>>, key: Uint8Array) => {
  const result = await hasher.hash(key);
  if (result.kind !== 'hash') throw new Error(result.kind);
  return result.hash;
};

test('the right key is right, any other wrong, whatever its bytes', async () => {
  const hasher = await createAuthKeyHasher(settings);
  // A zero byte in front would cut a plain bcrypt short.
  const key = Buffer.concat([Buffer.alloc(2), randomBytes(30)]);
  const other = Buffer.concat([Buffer.alloc(2), randomBytes(30)]);
  const hash = await hashOf(hasher, key);
  expect(hash).toMatch(/^\$2b\$04\$.{53}$/);
  expect(await hasher.verify(key, hash)).toEqual({ kind: 'right', rehash: false });
  expect(await hasher.verify(other, hash)).toEqual({ kind: 'wrong' });
  expect(await hasher.verify(key, null)).toEqual({ kind: 'wrong' });
});

test('under another pepper no key is right', async () => {
  const hasher = await createAuthKeyHasher(settings);
  const key = randomBytes(32);
  const hash = await hashOf(hasher, key);
  const other = await createAuthKeyHasher({ ...settings, pepper: randomBytes(32) });
  expect(await other.verify(key, hash)).toEqual({ kind: 'wrong' });
});

test('a hash of another cost is to be renewed', async () => {
  const hash = await hashOf(await createAuthKeyHasher(settings), Buffer.alloc(32));
  const hasher = await createAuthKeyHasher({ ...settings, cost: 5 });
  expect(await hasher.verify(Buffer.alloc(32), hash)).toEqual({ kind: 'right', rehash: true });
});

test('an unknown user takes a place at the hashers like any other; beyond the queue: overloaded', async () => {
  const hasher = await createAuthKeyHasher({ ...settings, concurrency: 1, queueLimit: 1 });
  const key = randomBytes(32);
  const hash = await hashOf(hasher, key);
  const verdicts = await Promise.all([
    hasher.verify(key, null),
    hasher.verify(key, hash),
    hasher.verify(key, hash),
    hasher.hash(key),
  ]);
  expect(verdicts).toEqual([
    { kind: 'wrong' },
    { kind: 'right', rehash: false },
    { kind: 'overloaded' },
    { kind: 'overloaded' },
  ]);
  expect(await hasher.verify(key, hash)).toEqual({ kind: 'right', rehash: false });
});
