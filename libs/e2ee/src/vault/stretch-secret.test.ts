import { describe, expect, test } from '@jest/globals';
import { uuidFromBytes, type ServerId, type Username } from '@wisp/protocol';
import { bytesToHex } from '@noble/hashes/utils.js';
import { defaultKdf, kdfCeiling, kdfFloor, refuseKdf } from './kdf.js';
import { stretchSecret, vaultSalt, type StretchInput } from './stretch-secret.js';

const input: StretchInput = {
  serverSalt: new Uint8Array(32).fill(1),
  serverId: uuidFromBytes<ServerId>(new Uint8Array(16).fill(2)),
  username: 'ada' as Username,
  secret: 'correct horse',
  kdf: { alg: 'argon2id13', m: kdfFloor.m, t: kdfFloor.t, p: 1 },
};

async function hexKeys(secret: string): Promise<{ auth: string; slot: string }> {
  const outcome = await stretchSecret({ ...input, secret });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return { auth: bytesToHex(outcome.keys.authKey), slot: bytesToHex(outcome.keys.slotKey) };
}

describe('a stretched secret', () => {
  test('gives the keys that another implementation gives', async () => {
    // Made with Argon2id and HKDF of @noble/hashes.
    expect(bytesToHex(vaultSalt(input))).toBe('f6be335a00c547f82339cb3a0507eff4');
    expect(await hexKeys('correct horse')).toEqual({
      auth: '313f04d6b3ec37daae47013ed6edf32097909e47e54b4a6509c28bbe54a38aa1',
      slot: 'f24d3bb69532773fb8e190fc08d2b4741a856b2826e488b0449f683d1cfcdaeb',
    });
  });

  test('is the same however a keyboard composes it', async () => {
    expect(await hexKeys('caf\u00e9\u00a0noir')).toEqual(await hexKeys('cafe\u0301 noir'));
  });

  test('has a salt of its own per name, server and server salt', () => {
    const salts = [
      input,
      { ...input, username: 'bob' as Username },
      { ...input, serverId: uuidFromBytes<ServerId>(new Uint8Array(16)) },
      { ...input, serverSalt: new Uint8Array(32) },
    ].map((each) => bytesToHex(vaultSalt(each)));
    expect(new Set(salts).size).toBe(4);
  });
});

describe('parameters from a server', () => {
  test('the default is taken, and so is all from the floor to the ceiling', () => {
    expect(refuseKdf(defaultKdf)).toBeNull();
    expect(refuseKdf({ ...defaultKdf, ...kdfFloor })).toBeNull();
    expect(refuseKdf({ ...defaultKdf, ...kdfCeiling })).toBeNull();
  });

  test.each([
    ['less memory than the floor', { m: kdfFloor.m - 1 }, 'weak-kdf'],
    ['fewer passes than the floor', { t: kdfFloor.t - 1 }, 'weak-kdf'],
    ['memory that would kill the device', { m: kdfCeiling.m + 1 }, 'costly-kdf'],
    ['passes without end', { t: kdfCeiling.t + 1 }, 'costly-kdf'],
    ['several lanes', { p: 2 }, 'unsupported-kdf'],
  ])('refused before any work: %s', async (_what, change, reason) => {
    expect(await stretchSecret({ ...input, kdf: { ...defaultKdf, ...change } })).toEqual({
      kind: 'refused',
      reason,
    });
  });
});
