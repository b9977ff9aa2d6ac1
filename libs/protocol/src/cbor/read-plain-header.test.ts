import { expect, test } from '@jest/globals';
import { randomInt, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { MessageId, Seq } from '../ids.js';
import { limits } from '../limits.js';
import { MAX_MESSAGE_HEADER_BYTES, messageHeader, type MessageHeader } from './message-header.js';
import { readPlainHeader } from './read-plain-header.js';
import { CborRefusal } from './refusal.js';
import { structureOf } from './structure.js';

const seed = randomInt(2 ** 31);
const runs = { seed, numRuns: 2_000 };
/** The same structure without the shorter way. */
const slow = structureOf('MessageHeader', MAX_MESSAGE_HEADER_BYTES, messageHeader.shape);

const edges = [0, 1, 23, 24, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff];
const number = (max: number, min = 0) =>
  fc.oneof(
    fc.constantFrom(...edges.filter((edge) => edge >= min && edge <= max), max),
    fc.integer({ min, max }),
  );
const timer = fc.oneof(
  fc.constant({ mode: 'none' as const, ttl: 0 }),
  fc.record({
    mode: fc.constantFrom('after-send' as const, 'after-read' as const),
    ttl: number(limits.ttlMax, 1),
  }),
);
const headers: fc.Arbitrary<MessageHeader> = fc
  .record({
    n: number(Number.MAX_SAFE_INTEGER, 1),
    gen: number(0xffff_ffff),
    lastCommitSeq: number(Number.MAX_SAFE_INTEGER).map((seq) => seq as Seq),
    timer,
    wake: fc.boolean(),
  })
  .map(({ timer: { mode, ttl }, ...rest }) => ({ ...rest, mode, ttl, messageId: randomUUID() as MessageId }));

function decoded(decode: () => MessageHeader): MessageHeader | string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CborRefusal) return error.message;
    throw error;
  }
}

test('every right header is read in one pass', () => {
  fc.assert(
    fc.property(headers, (header) => {
      expect(readPlainHeader(messageHeader.encode(header))).toEqual(header);
    }),
    runs,
  );
});

test('with bytes changed, added or taken away it is judged as without the shorter way', () => {
  const changes = fc.record({
    header: headers,
    at: fc.nat(MAX_MESSAGE_HEADER_BYTES),
    taken: fc.nat(3),
    added: fc.uint8Array({ maxLength: 9 }),
  });
  fc.assert(
    fc.property(changes, ({ header, at, taken, added }) => {
      const bytes = messageHeader.encode(header);
      const changed = new Uint8Array([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + taken)]);
      expect(decoded(() => messageHeader.decode(changed))).toEqual(decoded(() => slow.decode(changed)));
    }),
    runs,
  );
});

test.each([
  ['a number in a longer form than it needs', [0xa9, 0, 1, 1, 1, 2, 0x18, 5]],
  ['keys out of order', [0xa9, 1, 1, 0, 1]],
  ['nothing', []],
])('%s is left to the structure', (_, beginning) => {
  const header = messageHeader.encode({
    n: 5,
    gen: 4,
    messageId: randomUUID() as MessageId,
    lastCommitSeq: 1 as Seq,
    mode: 'none',
    ttl: 0,
    wake: true,
  });
  const rest = beginning.length === 0 ? [] : header.subarray(beginning.includes(0x18) ? 7 : 5);
  const bytes = new Uint8Array([...beginning, ...rest]);
  expect(readPlainHeader(bytes)).toBeUndefined();
  expect(() => messageHeader.decode(bytes)).toThrow(CborRefusal);
});
