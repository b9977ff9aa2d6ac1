import { describe, expect, test } from '@jest/globals';
import type { IdentityKey } from '@wisp/protocol';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { fingerprintDigits } from './fingerprint-digits.js';
import { checkSafetyCode, safetyCode } from './safety-code.js';
import { safetyNumber } from './safety-number.js';

const keyOf = (byte: number): IdentityKey => ({ alg: 'ed25519', key: new Uint8Array(32).fill(byte) });
const ada = keyOf(1);
const bo = keyOf(2);
const mallory = keyOf(3);

describe('the safety number', () => {
  test("is made as Signal's numeric fingerprint is", () => {
    // libsignal's own test vector (rust/protocol/src/fingerprint.rs).
    const alice = fingerprintDigits(
      hexToBytes('0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868'),
      utf8ToBytes('+14152222222'),
    );
    const bob = fingerprintDigits(
      hexToBytes('05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b'),
      utf8ToBytes('+14153333333'),
    );
    expect(alice + bob).toBe('300354477692869396892869876765458257569162576843440918079131');
  });

  test('is 60 digits, the same on both sides, another with another key', () => {
    const number = safetyNumber(ada, bo);
    expect(number).toMatch(/^\d{60}$/);
    expect(safetyNumber(bo, ada)).toBe(number);
    expect(safetyNumber(ada, mallory)).not.toBe(number);
  });
});

describe('the safety code', () => {
  test('matches when both know the same two keys', () => {
    expect(checkSafetyCode(safetyCode(bo, ada), { own: ada, peer: bo })).toBe('match');
  });

  test.each([
    ['my own code', safetyCode(ada, bo)],
    ['a code of somebody else', safetyCode(mallory, ada)],
    ['a code that knows me under another key', safetyCode(bo, mallory)],
  ])('does not match %s', (_what, scanned) => {
    expect(checkSafetyCode(scanned, { own: ada, peer: bo })).toBe('mismatch');
  });

  test('tells foreign and later codes apart', () => {
    const code = safetyCode(bo, ada);
    const later = code.slice();
    later[4] = 2;
    expect(checkSafetyCode(utf8ToBytes('https://example.org'), { own: ada, peer: bo })).toBe(
      'not-a-safety-code',
    );
    expect(checkSafetyCode(code.subarray(0, 70), { own: ada, peer: bo })).toBe('not-a-safety-code');
    expect(checkSafetyCode(later, { own: ada, peer: bo })).toBe('other-version');
  });
});
