import { expect, test } from '@jest/globals';
import type {
  AppendMessagesRequest,
  AppendResult,
  ConversationId,
  DeviceId,
  Seq,
  UserId,
} from '@wisp/protocol';
import { AppendQueue, type AppendOutput } from './append-queue.js';

const stored = (seq: number): AppendResult => ({ status: 'stored', seq: seq as Seq, acceptedAt: 1 });
const input = (conversation: string, messages: readonly string[]) => ({
  conversation: `${conversation}-000` as ConversationId,
  user: 'user' as UserId,
  device: 'device' as DeviceId,
  messages,
});

/** A message-service that answers when it is told to. */
function held() {
  const batches: AppendMessagesRequest['messages'][] = [];
  const answers: ((output: AppendOutput | null) => void)[] = [];
  const arrived: (() => void)[] = [];
  let now = 0;
  const queue = new AppendQueue(
    (_, messages) =>
      new Promise((resolve, reject) => {
        batches.push(messages);
        answers.push((output) => (output === null ? reject(new Error('away')) : resolve(output)));
        for (const tell of arrived.splice(0)) tell();
      }),
    () => now,
  );
  return {
    queue,
    batches,
    answers,
    pass: (ms: number) => void (now += ms),
    async until(count: number) {
      while (batches.length < count) await new Promise<void>((resolve) => arrived.push(resolve));
    },
  };
}

test('appends of several sockets go in one batch, each gets its own results', async () => {
  const { queue, batches, answers, until } = held();
  const both = Promise.all([queue.append(input('a', ['1', '2'])), queue.append(input('b', ['3']))]);
  await until(1);
  expect(batches[0]?.map(({ body }) => body)).toEqual(['1', '2', '3']);
  answers[0]?.({ timeline: 2, results: [stored(1), stored(2), { status: 'not-member' }] });
  expect(await both).toEqual([
    { timeline: 2, results: [stored(1), stored(2)] },
    { timeline: 2, results: [{ status: 'not-member' }] },
  ]);
});

test('64 messages and a megabyte are a batch; an append is never split', async () => {
  const { queue, batches, answers, until } = held();
  const twelve = Array.from({ length: 12 }, (_, i) => queue.append(input(`c${i}`, Array(16).fill('x'))));
  await until(3);
  expect(batches.map(({ length }) => length)).toEqual([64, 64, 64]);
  const large = [1, 2, 3].map((i) => queue.append(input(`d${i}`, ['x'.repeat(600_000)])));
  await until(4);
  expect(batches[3]).toHaveLength(1);
  // Four are in flight: the rest waits for one of them.
  expect(batches).toHaveLength(4);
  for (let i = 0; i < 6; i += 1) {
    await until(i + 1);
    answers[i]?.({ timeline: 1, results: (batches[i] ?? []).map((_, at) => stored(at)) });
  }
  expect(await Promise.all([...twelve, ...large])).toHaveLength(15);
  expect(batches).toHaveLength(6);
});

test('a lone append goes at once; in a crowd what comes within some milliseconds goes together', async () => {
  const { queue, batches, answers, until } = held();
  const answer = (i: number) =>
    answers[i]?.({ timeline: 1, results: (batches[i] ?? []).map(() => stored(1)) });
  const lone = queue.append(input('a', ['1']));
  await new Promise(setImmediate);
  expect(batches).toHaveLength(1);
  answer(0);
  await lone;

  const crowd = [queue.append(input('a', ['2'])), queue.append(input('b', ['3']))];
  await until(2);
  crowd.push(queue.append(input('c', ['4'])));
  await new Promise(setImmediate);
  answer(1);
  // One batch is done: the next still waits for company.
  await Promise.all(crowd.slice(0, 2));
  expect(batches).toHaveLength(2);
  crowd.push(queue.append(input('d', ['5'])));
  await until(3);
  expect(batches[2]?.map(({ body }) => body)).toEqual(['4', '5']);
  answer(2);
  await Promise.all(crowd);
});

test('a message-service that is away leaves everything in doubt', async () => {
  const { queue, answers, until } = held();
  const answer = queue.append(input('a', ['1', '2']));
  await until(1);
  answers[0]?.(null);
  expect((await answer).results).toEqual([{ status: 'unavailable' }, { status: 'unavailable' }]);
});

test('full, or with its oldest half a second old, it says so at once', async () => {
  const { queue, batches, answers, pass, until } = held();
  const inFlight = Array.from({ length: 4 }, () => queue.append(input('a', Array(64).fill('x'))));
  await until(4);
  const waiting = Array.from({ length: 125 }, () => queue.append(input('a', Array(16).fill('x'))));
  const [refused] = (await queue.append(input('a', ['1']))).results;
  expect(refused).toEqual({ status: 'overloaded', retryAfter: 1 });
  // 4 are at message-service; what waits makes 31 full batches and a rest.
  for (let i = 0; i < 36; i += 1) {
    await until(i + 1);
    answers[i]?.({ timeline: 1, results: (batches[i] ?? []).map(() => stored(1)) });
  }
  await Promise.all([...inFlight, ...waiting]);

  const more = Array.from({ length: 5 }, () => queue.append(input('a', Array(64).fill('x'))));
  pass(501);
  expect((await queue.append(input('a', ['1']))).results).toEqual([refused]);
  const from = answers.length - 4;
  for (let i = from; answers.length > i; i += 1) {
    answers[i]?.({ timeline: 1, results: (batches[i] ?? []).map(() => stored(1)) });
    await new Promise(setImmediate);
  }
  expect(await Promise.all(more)).toHaveLength(5);
  await queue.drained();
});
