import { describe, expect, test } from '@jest/globals';
import { createTokenVerifier, type Jwks, type TokenVerdict } from '@wisp/service-kit';
import jwt from 'jsonwebtoken';
import { generateKeyPairSync } from 'node:crypto';
import { ALICE, SERVER, claimsAt, makeSigningKey, sign } from './token-mint.js';

const NOW = 1_800_000_000_000;
const first = makeSigningKey('first');
const second = makeSigningKey('second');

function world() {
  const state = { now: NOW, asked: 0, away: false, keys: [first.jwk] as Jwks['keys'], revoked: false };
  const verifier = createTokenVerifier({
    issuer: SERVER,
    keys: () => {
      state.asked += 1;
      return state.away ? Promise.reject(new Error('away')) : Promise.resolve({ keys: state.keys });
    },
    revocations: { isRevoked: () => state.revoked },
    now: () => state.now,
  });
  const kindOf = async (token: string): Promise<TokenVerdict['kind']> => (await verifier.verify(token)).kind;
  return { state, verifier, kindOf };
}

describe('a token', () => {
  test('of ours is valid and gives its claims', async () => {
    const { verifier, state } = world();
    const token = sign(first, claimsAt(NOW));
    expect(await verifier.verify(token)).toMatchObject({ kind: 'valid', claims: { sub: ALICE } });
    expect(await verifier.verify(sign(first, claimsAt(NOW, { dev: undefined })))).toMatchObject({
      kind: 'valid',
    });
    expect(state.asked).toBe(1);
  });

  test('ends', async () => {
    const { state, kindOf } = world();
    const token = sign(first, claimsAt(NOW));
    expect(await kindOf(token)).toBe('valid');
    state.now = NOW + 606_000;
    expect(await kindOf(token)).toBe('invalid');
  });

  test('is revoked', async () => {
    const { state, kindOf } = world();
    state.revoked = true;
    expect(await kindOf(sign(first, claimsAt(NOW)))).toBe('revoked');
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const unsigned = (header: object, claims: object) =>
    `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  const impostor = { ...makeSigningKey('first') };
  const good = sign(first, claimsAt(NOW));
  const [head, body, signature = ''] = good.split('.');

  test.each([
    ['nothing', ''],
    ['not a token', 'hello'],
    ['too long', `${good}${'x'.repeat(4_000)}`],
    ["another's key under our kid", sign(impostor, claimsAt(NOW))],
    ['a changed body', `${head}.${body?.slice(0, -2)}AA.${signature}`],
    ['a cut signature', good.slice(0, -4)],
    ['no signature', `${head}.${body}.`],
    ['alg none', unsigned({ alg: 'none', kid: 'first' }, claimsAt(NOW))],
    ['alg ES256 without a signature', unsigned({ alg: 'ES256', kid: 'first' }, claimsAt(NOW))],
    [
      'HMAC with the public key as its secret',
      jwt.sign(claimsAt(NOW), JSON.stringify(first.jwk), { algorithm: 'HS256', keyid: 'first' }),
    ],
    ['RSA', jwt.sign(claimsAt(NOW), rsa.privateKey, { algorithm: 'RS256', keyid: 'first' })],
    ['no kid', jwt.sign(claimsAt(NOW), first.privateKey, { algorithm: 'ES256' })],
    ['another server', sign(first, claimsAt(NOW, { iss: '00000000-0000-4000-8000-000000000002' }))],
    ['another audience', sign(first, claimsAt(NOW, { aud: 'else' }))],
    ['no end', sign(first, claimsAt(NOW, { exp: undefined }))],
    ['a long life', sign(first, claimsAt(NOW, { exp: Math.floor(NOW / 1_000) + 901 }))],
    ['no session', sign(first, claimsAt(NOW, { sid: undefined }))],
    ['no user id', sign(first, claimsAt(NOW, { sub: 'alice' }))],
    ['a device of another form', sign(first, claimsAt(NOW, { dev: 'phone' }))],
  ])('that is %s is refused', async (_name, token) => {
    const { kindOf } = world();
    expect(await kindOf(token)).toBe('invalid');
  });
});

describe('keys', () => {
  test('are asked for again when an unknown one comes, but not for every one', async () => {
    const { state, kindOf } = world();
    expect(await kindOf(sign(first, claimsAt(NOW)))).toBe('valid');
    state.keys = [first.jwk, second.jwk];
    state.now += 6_000;
    expect(await kindOf(sign(second, claimsAt(NOW)))).toBe('valid');
    expect(state.asked).toBe(2);
    for (let i = 0; i < 50; i += 1) {
      expect(await kindOf(sign({ ...first, kid: `invented-${i}` }, claimsAt(NOW)))).toBe('invalid');
    }
    expect(state.asked).toBe(2);
  });

  test('are asked for once by many at a time', async () => {
    const { state, kindOf } = world();
    const token = sign(first, claimsAt(NOW));
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => kindOf(token)));
    expect(new Set(verdicts)).toEqual(new Set(['valid']));
    expect(state.asked).toBe(1);
  });

  test('in hand answer while their source is away; without them nobody is refused for good', async () => {
    const { state, kindOf } = world();
    state.away = true;
    expect(await kindOf(sign(first, claimsAt(NOW)))).toBe('unavailable');
    state.away = false;
    state.now += 6_000;
    expect(await kindOf(sign(first, claimsAt(NOW)))).toBe('valid');
    state.away = true;
    state.now += 400_000;
    expect(await kindOf(sign(first, claimsAt(state.now)))).toBe('valid');
  });

  test('that are withdrawn are forgotten', async () => {
    const { state, kindOf } = world();
    expect(await kindOf(sign(first, claimsAt(NOW)))).toBe('valid');
    state.keys = [second.jwk];
    state.now += 400_000;
    // The first after five minutes only causes the question.
    await kindOf(sign(first, claimsAt(state.now)));
    await new Promise(setImmediate);
    expect(await kindOf(sign(first, claimsAt(state.now)))).toBe('invalid');
  });
});
