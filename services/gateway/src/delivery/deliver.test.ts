import { expect, test } from '@jest/globals';
import type { ConversationId, DeliveryItem, DeviceId, Seq, ServerFrame, UserId } from '@wisp/protocol';
import { Audience } from './audience.js';
import { Delivery } from './deliver.js';

const chat = 'chat' as ConversationId;
const [ada, bo, cy] = ['ada', 'bo', 'cy'] as DeviceId[] as [DeviceId, DeviceId, DeviceId];

function message(seq: number, newestCommitSeq: number): DeliveryItem {
  return {
    kind: 'message',
    conversation: chat,
    newestCommitSeq: newestCommitSeq as Seq,
    seq: seq as Seq,
    user: 'user' as UserId,
    device: cy,
    acceptedAt: 1,
    body: 'AA',
  };
}

function frames() {
  const written: [DeviceId[], string, ...number[]][] = [];
  return {
    written,
    emit: (devices: Iterable<DeviceId>, frame: ServerFrame, payload: unknown) => {
      const { entries, seq } = payload as { entries?: { seq: number }[]; seq?: number };
      written.push([[...devices], frame.event, ...(entries?.map((one) => one.seq) ?? [seq ?? 0])]);
    },
    dismiss: () => undefined,
  };
}

test('entries wait while the members are asked for, and keep their order', async () => {
  const outlet = frames();
  const { written } = outlet;
  const audience = new Audience();
  audience.connect(ada);
  audience.connect(bo);
  audience.fill(ada, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  audience.fill(bo, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  let answer: (members: { newestCommitSeq: Seq; devices: DeviceId[] }) => void = () => undefined;
  const asked = new Promise<{ newestCommitSeq: Seq; devices: DeviceId[] }>((resolve) => (answer = resolve));
  const delivery = new Delivery(audience, { list: () => asked }, outlet);

  delivery.deliver(1, [message(3, 2), message(4, 2)]);
  expect(written).toEqual([]);
  answer({ newestCommitSeq: 2 as Seq, devices: [ada] });
  await asked;
  await Promise.resolve();
  expect(written).toEqual([[[ada], 'entries', 3, 4]]);
});

test('whoever sent a message is told of others’ only', () => {
  const outlet = frames();
  const audience = new Audience();
  for (const device of [cy, bo]) {
    audience.connect(device);
    audience.fill(device, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  }
  const delivery = new Delivery(audience, { list: () => Promise.resolve(null) }, outlet);
  delivery.deliver(1, [message(2, 1), { ...message(3, 1), device: bo } as DeliveryItem]);
  expect(outlet.written).toEqual([
    [[bo], 'entries', 2],
    [[cy], 'entries', 3],
  ]);
});

test('an entry from before the newest commit is rung: some listeners may have come since', () => {
  const outlet = frames();
  const audience = new Audience();
  audience.connect(bo);
  audience.fill(bo, [{ conversation: chat, newestCommitSeq: 5 as Seq }]);
  const delivery = new Delivery(audience, { list: () => Promise.resolve(null) }, outlet);
  delivery.deliver(1, [message(4, 3), message(6, 5)]);
  expect(outlet.written).toEqual([
    [[bo], 'head', 4],
    [[bo], 'entries', 6],
  ]);
});

test('with nobody to ask, whoever was a listener is told to sync and gets nothing', async () => {
  const outlet = frames();
  const audience = new Audience();
  audience.connect(ada);
  audience.fill(ada, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  const delivery = new Delivery(audience, { list: () => Promise.resolve(null) }, outlet);
  delivery.deliver(1, [message(3, 2)]);
  await new Promise(setImmediate);
  expect(outlet.written).toEqual([[[ada], 'hint', 0]]);
});

test('after a restore the members are asked for anew, though the log’s places are lower', async () => {
  const outlet = frames();
  const audience = new Audience();
  for (const device of [ada, bo]) {
    audience.connect(device);
    audience.fill(device, [{ conversation: chat, newestCommitSeq: 9 as Seq }]);
  }
  const members = { newestCommitSeq: 6 as Seq, devices: [ada] };
  const delivery = new Delivery(audience, { list: () => Promise.resolve(members) }, outlet);
  expect([delivery.follow(1), delivery.follow(1), delivery.follow(2), delivery.follow(1)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  delivery.deliver(2, [message(7, 6)]);
  await new Promise(setImmediate);
  expect(outlet.written).toEqual([[[ada], 'entries', 7]]);
});
