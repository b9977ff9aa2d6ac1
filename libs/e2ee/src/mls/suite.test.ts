import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ciphersuites } from 'ts-mls';
import { encodeCiphersuite, decodeCiphersuite } from 'ts-mls/crypto/ciphersuite.js';
import { loadSuite, SUITE, SUITE_NAME } from './suite.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the suite is pinned', () => {
  test('by its number, which no other name of the library shares', () => {
    expect(SUITE).toBe(0x004e);
    expect([...encodeCiphersuite(SUITE_NAME)]).toEqual([0x00, 0x4e]);
    expect(decodeCiphersuite(Uint8Array.of(0x00, 0x4e), 0)).toEqual([SUITE_NAME, 2]);
    expect(Object.values(ciphersuites).filter((id: number) => id === SUITE)).toHaveLength(1);
  });

  test('by the sizes of the KEM (X-Wing, 0x647a), the hash, the key and the nonce', async () => {
    const suite = await loadSuite();
    const pair = await suite.hpke.generateKeyPair();
    const publicKey = await suite.hpke.exportPublicKey(pair.publicKey);
    expect(publicKey).toHaveLength(1216);
    expect(await suite.hpke.exportPrivateKey(pair.privateKey)).toHaveLength(32);
    const sealed = await suite.hpke.seal(pair.publicKey, new Uint8Array(3), new Uint8Array());
    expect(sealed.enc).toHaveLength(1120);
    expect(await suite.hpke.open(pair.privateKey, sealed.enc, sealed.ct, new Uint8Array())).toEqual(
      new Uint8Array(3),
    );
    expect(suite.kdf.size).toBe(48);
    expect(suite.hpke.keyLength).toBe(32);
    expect(suite.hpke.nonceLength).toBe(12);
    expect(await suite.hash.digest(new Uint8Array())).toHaveLength(48);
  });

  test('by DeriveKeyPair: newer HPKE libraries derive other keys under the same number', async () => {
    const suite = await loadSuite();
    const pair = await suite.hpke.deriveKeyPair(Uint8Array.from({ length: 48 }, (_, i) => i));
    expect(sha256(await suite.hpke.exportPrivateKey(pair.privateKey))).toBe(
      '519726edc06af8022837baf04e6f0a5b6968c10e1ac859eeba0d0e6767449d1c',
    );
    expect(sha256(await suite.hpke.exportPublicKey(pair.publicKey))).toBe(
      'd80f3d08bcda3ac566e0e850a571f617f2a96409f78f233fb7727ee2ec437beb',
    );
  });
});
