import { expect, test } from '@jest/globals';
import { limits } from '../limits.js';
import { uuidFromBytes, type MessageId, type Seq } from '../ids.js';
import { commitInfo } from './commit-info.js';
import { MAX_MESSAGE_HEADER_BYTES, messageHeader, type MessageHeader } from './message-header.js';

const widest: MessageHeader = {
  n: Number.MAX_SAFE_INTEGER,
  gen: 0xffff_ffff,
  messageId: uuidFromBytes<MessageId>(new Uint8Array(16).fill(0xff)),
  lastCommitSeq: Number.MAX_SAFE_INTEGER as Seq,
  mode: 'after-read',
  ttl: limits.ttlMax,
  wake: true,
};

test('the widest header fits its 72 bytes', () => {
  const encoded = messageHeader.encode(widest);
  expect(encoded.length).toBe(59);
  expect(encoded.length).toBeLessThanOrEqual(MAX_MESSAGE_HEADER_BYTES);
  expect(messageHeader.decode(encoded)).toEqual(widest);
});

test('a time to live goes with a timer, and a timer with a time to live', () => {
  expect(() => messageHeader.encode({ ...widest, mode: 'none' })).toThrow('inconsistent');
  expect(() => messageHeader.encode({ ...widest, ttl: 0 })).toThrow('inconsistent');
  expect(() => messageHeader.encode({ ...widest, ttl: limits.ttlMax + 1 })).toThrow('out-of-range');
});

test('counters begin at 1', () => {
  expect(() => messageHeader.encode({ ...widest, n: 0 })).toThrow('out-of-range');
});

test("a message's header is no CommitInfo", () => {
  expect(() => commitInfo.decode(messageHeader.encode(widest))).toThrow('wrong-kind');
});
