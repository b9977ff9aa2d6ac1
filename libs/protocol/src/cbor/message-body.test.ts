import { describe, expect, test } from '@jest/globals';
import { userIdFromBytes, uuidFromBytes, type MessageId, type Seq } from '../ids.js';
import { decodeMessageBody, encodeMessageBody, type MessageBody } from './message-body.js';
import { MAX_EXCERPT_CHARACTERS, MAX_TEXT_CHARACTERS } from './message-content.js';
import { PADDING_BUCKETS } from './padding.js';

const frame = { sentAt: 1, head: { seq: 1 as Seq, hash: new Uint8Array(32) }, kept: 1, listVersion: 1 };
const target = {
  author: userIdFromBytes(new Uint8Array(32)),
  messageId: uuidFromBytes<MessageId>(new Uint8Array(16)),
};
const saying = (text: string): MessageBody => ({ ...frame, type: 'text', content: { text } });

describe('padding', () => {
  test('every text takes the smallest bucket that holds it', () => {
    const lengths = [1, 100, 300, 900, 1900, 3900, 8000, 14_000].map(
      (length) => encodeMessageBody(saying('x'.repeat(length))).length,
    );
    expect(lengths).toEqual([256, 256, 512, 1024, 2048, 4096, 8192, 16_384]);
  });

  test('a bucket is used to its last byte', () => {
    const sizes = Array.from({ length: 400 }, (_, i) => encodeMessageBody(saying('x'.repeat(i + 1))));
    const fullest = sizes.filter((body) => body.length === 256).at(-1);
    expect(fullest?.at(-1)).not.toBe(0);
  });

  test('the longest text of the widest characters with a quote fits the largest bucket', () => {
    const widest: MessageBody = {
      ...frame,
      type: 'text',
      content: {
        text: '🚲'.repeat(MAX_TEXT_CHARACTERS),
        quote: { ...target, excerpt: '🚲'.repeat(MAX_EXCERPT_CHARACTERS) },
      },
    };
    const encoded = encodeMessageBody(widest);
    expect(encoded.length).toBe(PADDING_BUCKETS.at(-1));
    expect(decodeMessageBody(encoded)).toEqual(widest);
  });

  test('refuses a larger bucket than needed, another length, and anything but zeros', () => {
    const padded = encodeMessageBody(saying('hi'));
    const larger = new Uint8Array(512);
    larger.set(padded);
    const marked = padded.slice();
    marked[255] = 1;
    expect(() => decodeMessageBody(larger)).toThrow('bad-padding');
    expect(() => decodeMessageBody(padded.subarray(0, 255))).toThrow('bad-padding');
    expect(() => decodeMessageBody(marked)).toThrow('bad-padding');
    expect(() => decodeMessageBody(new Uint8Array(61_441))).toThrow('too-large');
  });
});

describe('types', () => {
  test('those that point at a message need a target, the others have none', () => {
    const pointless = { ...frame, type: 'delete', content: {} } as unknown as MessageBody;
    const pointed = { ...saying('hi'), target } as MessageBody;
    expect(() => encodeMessageBody(pointless)).toThrow('missing-key');
    expect(() => encodeMessageBody(pointed)).toThrow('unknown-key');
  });

  test('an unknown type keeps its content as it came', () => {
    const later: MessageBody = { ...frame, type: 'other', number: 63, content: Uint8Array.of(0xff, 0, 1) };
    expect(decodeMessageBody(encodeMessageBody(later))).toEqual(later);
  });

  test('a known type never travels as an unknown one', () => {
    const disguised: MessageBody = { ...frame, type: 'other', number: 3, content: new Uint8Array() };
    expect(() => encodeMessageBody(disguised)).toThrow('inconsistent');
  });

  test('a quote carries at most 120 characters', () => {
    const quote = { ...target, excerpt: 'x'.repeat(MAX_EXCERPT_CHARACTERS + 1) };
    expect(() => encodeMessageBody({ ...frame, type: 'text', content: { text: 'a', quote } })).toThrow(
      'wrong-length at MessageBody.content.quote.excerpt',
    );
  });

  test('a profile message carries a profile, no other statement', () => {
    const leave = { type: 'leave-request', body: new Uint8Array(1), sig: new Uint8Array(64) } as const;
    expect(() => encodeMessageBody({ ...frame, type: 'profile', content: { profile: leave } })).toThrow(
      'wrong-kind',
    );
  });
});
