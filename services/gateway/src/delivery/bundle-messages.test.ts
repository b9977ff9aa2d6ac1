import { expect, test } from '@jest/globals';
import type { ConversationId, DeliveryItem, DeviceId, Seq, UserId } from '@wisp/protocol';
import { bundleMessages } from './bundle-messages.js';

const [chat, other] = ['chat', 'other'] as ConversationId[] as [ConversationId, ConversationId];
const [ada, bo] = ['ada', 'bo'] as DeviceId[] as [DeviceId, DeviceId];

function message(seq: number, more: Partial<Extract<DeliveryItem, { kind: 'message' }>> = {}): DeliveryItem {
  return {
    kind: 'message',
    conversation: chat,
    newestCommitSeq: 1 as Seq,
    seq: seq as Seq,
    user: 'user' as UserId,
    device: ada,
    acceptedAt: 1,
    body: 'AA',
    ...more,
  };
}

function seqsOf(items: readonly DeliveryItem[]): (string | number[])[] {
  return bundleMessages(items).map((part) =>
    part.kind === 'messages' ? part.messages.map(({ seq }) => seq as number) : part.kind,
  );
}

test('messages of one device share a frame, whatever other conversations say in between', () => {
  expect(seqsOf([message(2), message(7, { conversation: other }), message(3), message(4)])).toEqual([
    [2, 3, 4],
    [7],
  ]);
});

test('another device, another commit or anything else of the conversation begins a new one', () => {
  const expired: DeliveryItem = {
    kind: 'expired',
    conversation: chat,
    newestCommitSeq: 1 as Seq,
    seqs: [2 as Seq],
  };
  expect(seqsOf([message(2), message(3, { device: bo }), message(4)])).toEqual([[2], [3], [4]]);
  expect(seqsOf([message(2), message(3, { newestCommitSeq: 2 as Seq })])).toEqual([[2], [3]]);
  expect(seqsOf([message(2), expired, message(3)])).toEqual([[2], 'expired', [3]]);
});

test('a frame stays small', () => {
  const body = 'A'.repeat(43_691);
  expect(seqsOf([message(2, { body }), message(3, { body }), message(4)])).toEqual([[2], [3, 4]]);
});
