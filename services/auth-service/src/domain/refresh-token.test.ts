import { expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { SessionId } from '@wisp/protocol';
import { createRefreshTokens, hashRefreshSecret, judgeRefresh } from './refresh-token.js';

const sessionId = randomUUID() as SessionId;

test('what was written is read; one changed bit, and it was never ours', () => {
  const tokens = createRefreshTokens(randomBytes(32));
  const token = tokens.first(sessionId);
  const text = tokens.write(token);
  expect(tokens.read(text)).toEqual({ sessionId, secret: new Uint8Array(token.secret) });
  const bytes = Buffer.from(text, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(tokens.read(changed.toString('base64url'))).toBeNull();
  }
  for (const other of ['', 'x', text.slice(1), `${text}A`, `${text}=`]) expect(tokens.read(other)).toBeNull();
  expect(createRefreshTokens(randomBytes(32)).read(text)).toBeNull();
});

test('the successor depends on key, session and secret', () => {
  const key = randomBytes(32);
  const tokens = createRefreshTokens(key);
  const token = tokens.first(sessionId);
  const next = tokens.next(token);
  expect(createRefreshTokens(key).next(token)).toEqual(next);
  expect(next.secret).not.toEqual(token.secret);
  expect(createRefreshTokens(randomBytes(32)).next(token).secret).not.toEqual(next.secret);
  const elsewhere = { ...token, sessionId: randomUUID() as SessionId };
  expect(tokens.next(elsewhere).secret).not.toEqual(next.secret);
});

test('newest: rotate; previous: repeat for a minute; any other: revoke', () => {
  const [older, previous, current] = [1, 2, 3].map((n) => hashRefreshSecret(Uint8Array.of(n)));
  if (!older || !previous || !current) throw new Error('three hashes');
  const state = (age: number) => ({ currentHash: current, previousHash: previous, age });
  expect(judgeRefresh(current, state(1e9))).toBe('rotate');
  expect(judgeRefresh(previous, state(60_000))).toBe('repeat');
  expect(judgeRefresh(previous, state(60_001))).toBe('revoke');
  expect(judgeRefresh(older, state(0))).toBe('revoke');
  expect(judgeRefresh(previous, { ...state(0), previousHash: null })).toBe('revoke');
});
