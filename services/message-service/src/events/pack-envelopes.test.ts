import { expect, test } from '@jest/globals';
import { limits, type DeliveryItem } from '@wisp/protocol';
import { newConversation, newPerson, seqOf } from '../../tests/messages.js';
import { packEnvelopes } from './pack-envelopes.js';

const about = {
  conversation: newConversation(),
  newestCommitSeq: seqOf(Number.MAX_SAFE_INTEGER),
  ...newPerson(),
};
const seq = seqOf(Number.MAX_SAFE_INTEGER);
const acceptedAt = 8_640_000_000_000_000;
const largest: DeliveryItem[] = [
  { kind: 'message', ...about, seq, acceptedAt, expiresAt: acceptedAt, body: 'A'.repeat(43_691) },
  {
    kind: 'commit',
    ...about,
    seq,
    acceptedAt,
    body: 'A'.repeat(43_691),
    adds: Array.from({ length: 700 }, newPerson),
    removes: Array.from({ length: 700 }, () => newPerson().device),
    previousCommitSeq: seq,
  },
  { kind: 'expired', ...about, seqs: Array.from({ length: 2_000 }, () => seq) },
  { kind: 'ended', ...about, devices: Array.from({ length: 700 }, () => newPerson().device) },
  { kind: 'head', ...about, seq },
  { kind: 'acked', ...about, seq },
];

test('no envelope goes beyond its bound, whatever it holds; order stays', () => {
  const items = Array.from({ length: 120 }, (_, index) => largest[index % largest.length] as DeliveryItem);
  const lists = packEnvelopes(items);
  expect(lists.flat()).toEqual(items);
  expect(lists.length).toBeGreaterThan(1);
  for (const list of lists) {
    const envelope = { process: newPerson().device, number: 2 ** 53, timeline: 2 ** 53, items: list };
    expect(JSON.stringify(envelope).length).toBeLessThanOrEqual(limits.envelopeBytes);
  }
});

test('nothing makes no envelope; one that is too large stands alone', () => {
  expect(packEnvelopes([])).toEqual([]);
  const [message] = largest as [DeliveryItem];
  expect(packEnvelopes([message, message], 10_000)).toEqual([[message], [message]]);
});
