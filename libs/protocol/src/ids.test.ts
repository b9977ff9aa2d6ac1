import { describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { bytesText, decodeBase64url, encodeBase64url } from './bytes.js';
import {
  conversationId,
  shardOf,
  userId,
  userIdFromBytes,
  userIdToBytes,
  username,
  uuidFromBytes,
  uuidToBytes,
} from './ids.js';

describe('ids', () => {
  test('a UUID survives its bytes', () => {
    const text = randomUUID();
    expect(uuidFromBytes(uuidToBytes(text))).toBe(text);
  });

  test.each(['', 'AB', randomUUID().toUpperCase(), `${randomUUID()}0`, randomUUID().replace('-', '')])(
    'refuses %p as a UUID',
    (text) => {
      expect(conversationId.safeParse(text).success).toBe(false);
      expect(() => uuidToBytes(text)).toThrow(RangeError);
    },
  );

  test('a user id survives its bytes', () => {
    const bytes = new Uint8Array(randomBytes(32));
    expect(userIdToBytes(userIdFromBytes(bytes))).toEqual(bytes);
  });

  test('a user id has one spelling only', () => {
    const text = encodeBase64url(new Uint8Array(32));
    expect(userId.safeParse(text).success).toBe(true);
    expect(userId.safeParse(`${text.slice(0, -1)}B`).success).toBe(false);
  });

  test('the shard is the low 12 bits', () => {
    expect(shardOf(conversationId.parse('00000000-0000-7000-8000-000000000abc'))).toBe(0xabc);
  });

  test.each(['ada', 'ada.renn', 'a-b_c.9', 'x'.repeat(32)])('takes the username %p', (name) => {
    expect(username.safeParse(name).success).toBe(true);
  });

  test.each(['', 'ad', '.ada', 'ada.', 'Ada', 'a b', 'ädä', 'x'.repeat(33)])(
    'refuses the username %p',
    (name) => {
      expect(username.safeParse(name).success).toBe(false);
    },
  );
});

describe('bytes', () => {
  test('the schema bounds the bytes, not the text', () => {
    const schema = bytesText(4, 2);
    const fits = (length: number) => schema.safeParse(encodeBase64url(new Uint8Array(length))).success;
    expect([1, 2, 3, 4, 5].map(fits)).toEqual([false, true, true, true, false]);
  });

  test.each(['A', 'AAAAA', 'AA==', 'A+', 'A/', 'A A'])('refuses %p', (text) => {
    expect(bytesText(100).safeParse(text).success && decodeBase64url(text)).toBe(false);
  });
});
