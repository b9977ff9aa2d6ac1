import { expect, test } from '@jest/globals';
import { createBroker } from '@wisp/bus';
import { subjects, type ConversationId, type DeviceId, type Seq, type UserId } from '@wisp/protocol';
import type { ConnectedSocket } from './connected-socket.js';
import { acknowledge } from './log-frames.js';

const user = 'A'.repeat(43) as UserId;
const device = '00000000-0000-4000-8000-000000000001' as DeviceId;
const socket = { data: { claims: { sub: user, dev: device } } } as ConnectedSocket;
const chat = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}` as ConversationId;
const at = (seq: number) => seq as Seq;

/** A message-service that finds the first mark's row locked, once. */
async function heard(count: number) {
  const broker = createBroker();
  const bus = await broker.connect();
  const requests: number[] = [];
  const newest = new Map<ConversationId, number>();
  let isBusy = true;
  let tell: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (tell = resolve));
  (await broker.connect()).handle(subjects.acknowledge(0), { queue: 'message-service' }, ({ acks }) => {
    requests.push(acks.length);
    const busy = isBusy ? [0] : [];
    isBusy = false;
    for (const [i, { conversation, seq }] of acks.entries())
      if (!busy.includes(i)) newest.set(conversation, seq);
    if (newest.size === count) tell();
    return { busy };
  });
  return { mark: acknowledge({ bus }), requests, newest, enough };
}

test('one request takes a thousand marks; one that was busy goes again', async () => {
  const { mark, requests, newest, enough } = await heard(1500);
  for (let i = 0; i < 1500; i += 1) void mark(socket, { conversation: chat(i), seq: at(1) });
  await enough;
  expect(requests).toEqual([1000, 500, 1]);
  expect(newest.size).toBe(1500);
});

test('of one conversation only the newest mark counts', async () => {
  const { mark, requests, newest, enough } = await heard(1);
  for (const seq of [3, 9, 4]) void mark(socket, { conversation: chat(0), seq: at(seq) });
  await enough;
  expect([...newest]).toEqual([[chat(0), 9]]);
  expect(requests).toEqual([1, 1]);
});
