import { expect, test } from '@jest/globals';
import type { ConversationId, DeliveryItem, DeviceId, Seq, ServerFrame, UserId } from '@wisp/protocol';
import { Audience } from './audience.js';
import { Delivery } from './deliver.js';

const chat = 'chat' as ConversationId;
const [ada, bo] = ['ada', 'bo'] as DeviceId[] as [DeviceId, DeviceId];

function message(seq: number, newestCommitSeq: number): DeliveryItem {
  return {
    kind: 'message',
    conversation: chat,
    newestCommitSeq: newestCommitSeq as Seq,
    seq: seq as Seq,
    user: 'user' as UserId,
    device: ada,
    acceptedAt: 1,
    body: 'AA',
  };
}

test('entries wait while the members are asked for, and keep their order', async () => {
  const written: [DeviceId[], string, number][] = [];
  const audience = new Audience();
  audience.connect(ada);
  audience.connect(bo);
  audience.fill(ada, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  audience.fill(bo, [{ conversation: chat, newestCommitSeq: 1 as Seq }]);
  let answer: (members: { newestCommitSeq: Seq; devices: DeviceId[] }) => void = () => undefined;
  const asked = new Promise<{ newestCommitSeq: Seq; devices: DeviceId[] }>((resolve) => (answer = resolve));
  const delivery = new Delivery(
    audience,
    { list: () => asked },
    {
      emit: (devices, frame: ServerFrame, payload) => {
        const { entries } = payload as { entries: { seq: number }[] };
        written.push([[...devices], frame.event, entries[0]?.seq ?? 0]);
      },
    },
  );

  delivery.deliver(1, [message(3, 2), message(4, 2)]);
  expect(written).toEqual([]);
  answer({ newestCommitSeq: 2 as Seq, devices: [ada] });
  await asked;
  await Promise.resolve();
  expect(written).toEqual([
    [[ada], 'entries', 3],
    [[ada], 'entries', 4],
  ]);
});
