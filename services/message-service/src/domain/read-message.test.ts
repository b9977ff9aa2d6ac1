import { describe, expect, test } from '@jest/globals';
import { encodeBase64url, limits } from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import {
  newConversation,
  newPerson,
  sealedMessage,
  seqOf,
  type SealedOptions,
} from '../../tests/messages.js';
import { readMessage } from './read-message.js';

const place = { ...newPerson(), conversation: newConversation() };
const read = (body: string) => readMessage({ ...place, body });
const readSealed = (options: SealedOptions) => read(encodeBase64url(sealedMessage(options)));

test('reads what the log must know from the authenticated data', () => {
  const options = { n: 7, lastCommitSeq: seqOf(3), mode: 'after-send', ttl: 30 } as const;
  const result = readSealed(options);
  expect(result).toMatchObject({ kind: 'message', message: { ...place, ...options } });
});

describe('malformed', () => {
  const cases: [string, string][] = [
    ['nothing', ''],
    ['noise', encodeBase64url(randomBytes(300))],
    ['one byte more', encodeBase64url(Buffer.concat([sealedMessage({}), Buffer.of(0)]))],
    ['one byte less', encodeBase64url(sealedMessage({}).subarray(0, -1))],
    ['a commit', encodeBase64url(sealedMessage({ contentType: 3 }))],
    ['a proposal', encodeBase64url(sealedMessage({ contentType: 2 }))],
    ['no authenticated data', encodeBase64url(sealedMessage({ authenticatedData: Buffer.alloc(0) }))],
    ['foreign authenticated data', encodeBase64url(sealedMessage({ authenticatedData: randomBytes(40) }))],
    ['made before the first commit', encodeBase64url(sealedMessage({ lastCommitSeq: seqOf(0) }))],
  ];
  test.each(cases)('%s', (_name, body) => {
    expect(read(body)).toEqual({ kind: 'malformed' });
  });

  /** The header's fields as an engine would never write them: patched in the encoded bytes. */
  test.each([
    ['n of 0', { n: 1 }, (bytes: Buffer) => patch(bytes, [2, 1], [2, 0])],
    [
      'a ttl without a mode',
      { mode: 'after-send', ttl: 9 } as const,
      (bytes: Buffer) => patch(bytes, [6, 1], [6, 0]),
    ],
    ['a mode without a ttl', {}, (bytes: Buffer) => patch(bytes, [6, 0], [6, 1])],
    ['a mode that is none of ours', {}, (bytes: Buffer) => patch(bytes, [6, 0], [6, 3])],
  ])('%s', (_name, options, change) => {
    const good = Buffer.from(sealedMessage(options));
    expect(read(encodeBase64url(good)).kind).toBe('message');
    expect(read(encodeBase64url(change(good)))).toEqual({ kind: 'malformed' });
  });

  test('text whose spare bits are set: receivers would refuse it', () => {
    const odd = [0, 1, 2].map((length) => encodeBase64url(sealedMessage({ ciphertextBytes: 48 + length })));
    for (const good of odd) {
      expect(read(good).kind).toBe('message');
      if (good.length % 4 === 0) continue;
      const last = String.fromCharCode(good.charCodeAt(good.length - 1) + 1);
      expect(read(good.slice(0, -1) + last)).toEqual({ kind: 'malformed' });
    }
  });
});

test('a message of 64 KiB is the largest', () => {
  const overhead = sealedMessage({ ciphertextBytes: 20_000 }).length - 20_000;
  expect(readSealed({ ciphertextBytes: limits.messageBytes - overhead }).kind).toBe('message');
  expect(readSealed({ ciphertextBytes: limits.messageBytes - overhead + 1 })).toEqual({ kind: 'too-large' });
});

/** Replaces a key and its value, both one byte, in the CBOR map of the header. */
function patch(bytes: Buffer, from: readonly number[], to: readonly number[]): Buffer {
  const at = bytes.indexOf(Buffer.from(from), 28);
  expect(at).toBeGreaterThan(0);
  const copy = Buffer.from(bytes);
  Buffer.from(to).copy(copy, at);
  return copy;
}
