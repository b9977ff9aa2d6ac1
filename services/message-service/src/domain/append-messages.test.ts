import { expect, test } from '@jest/globals';
import type { DeliveryItem } from '@wisp/protocol';
import { newConversation, newPerson, sealedText, seqOf, type Person } from '../../tests/messages.js';
import { createAppender } from './append-messages.js';
import { createAppendQueue, queueBounds } from './append-queue.js';
import type { AppendedBatch, AppendVerdict, NewMessage } from './log.js';

const conversation = newConversation();
const stored = (seq: number): AppendVerdict => ({
  kind: 'stored',
  seq: seqOf(seq),
  acceptedAt: 1_000,
  expiresAt: undefined,
  newestCommitSeq: seqOf(1),
});

/** A log, a bus and a clock that the test moves by hand. */
function byHand({ waiting = queueBounds.waiting, batchMessages = queueBounds.batchMessages } = {}) {
  const batches: { messages: readonly NewMessage[]; answer(verdicts: readonly AppendVerdict[]): void }[] = [];
  const told: DeliveryItem[][] = [];
  const tasks: { at: number; run: () => void }[] = [];
  let now = 0;
  let seq = 1;
  let isBusUp = true;
  const appender = createAppender(
    {
      log: {
        append: (messages) =>
          new Promise<AppendedBatch>((resolve) => {
            batches.push({ messages, answer: (verdicts) => resolve({ timeline: 1, verdicts }) });
          }),
        timeline: () => 1,
      },
      announcements: {
        announce(_timeline, items) {
          told.push([...items]);
          return Promise.resolve(isBusUp);
        },
      },
      observer: { batchDone: () => undefined, overloaded: () => undefined },
      now: () => now,
      later: (ms, run) => void tasks.push({ at: now + ms, run }),
    },
    { batchesAtOnce: 3, queue: createAppendQueue({ ...queueBounds, waiting, batchMessages }) },
  );
  return {
    batches,
    told,
    cutBus: () => (isBusUp = false),
    pass(ms: number) {
      now += ms;
      for (const task of tasks.splice(0)) {
        if (task.at <= now) task.run();
        else tasks.push(task);
      }
    },
    append: (who: Person, ns: readonly (number | string)[], budgetMs = 5_000) =>
      appender.appendMessages(
        ns.map((n) => ({ ...who, conversation, body: typeof n === 'number' ? sealedText({ n }) : n })),
        budgetMs,
      ),
    async finish(index: number) {
      const batch = batches[index];
      if (!batch) throw new Error(`no batch ${index}`);
      batch.answer(batch.messages.map(() => stored((seq += 1))));
      // The answer's promises run before the test goes on.
      await new Promise(setImmediate);
    },
  };
}

test('what comes in one tick, or in a crowd within 16 ms, makes one batch', async () => {
  const hand = byHand();
  const [alice, bob, carol] = [newPerson(), newPerson(), newPerson()];
  const first = [hand.append(alice, [1, 2]), hand.append(bob, [1])];
  hand.pass(0);
  expect(hand.batches.map(({ messages }) => messages.length)).toEqual([3]);
  const second = [hand.append(carol, [1]), hand.append(bob, [2])];
  hand.pass(0);
  expect(hand.batches).toHaveLength(1);
  await hand.finish(0);
  expect(hand.batches).toHaveLength(1);
  hand.pass(15);
  expect(hand.batches).toHaveLength(1);
  hand.pass(1);
  expect(hand.batches.map(({ messages }) => messages.length)).toEqual([3, 2]);
  await hand.finish(1);
  const answers = await Promise.all([...first, ...second]);
  expect(answers.flatMap(({ results }) => results.map(({ status }) => status))).toEqual(
    Array(5).fill('stored'),
  );
});

test('a second batch starts beside the first when the oldest has waited, or a full one waits', async () => {
  const hand = byHand({ batchMessages: 4 });
  const people = Array.from({ length: 6 }, newPerson) as [Person, ...Person[]];
  const answers = [hand.append(people[0], [1])];
  hand.pass(0);
  answers.push(hand.append(people[1] ?? people[0], [1]));
  hand.pass(0);
  expect(hand.batches).toHaveLength(1);
  hand.pass(16);
  expect(hand.batches).toHaveLength(2);
  for (const who of people.slice(2)) answers.push(hand.append(who, [1]));
  hand.pass(0);
  expect(hand.batches).toHaveLength(3);
  for (const index of [0, 1, 2]) await hand.finish(index);
  await Promise.all(answers);
});

test('is acknowledged only when told; the bus away, the answer is in doubt', async () => {
  const hand = byHand();
  hand.cutBus();
  const answer = hand.append(newPerson(), [1]);
  hand.pass(0);
  await hand.finish(0);
  expect((await answer).results).toEqual([{ status: 'unavailable' }]);
  expect(hand.told).toMatchObject([[{ kind: 'message', seq: 2 }]]);
});

test('full, it says so at once; late, it drops unseen', async () => {
  const hand = byHand({ waiting: 2 });
  const [alice, bob] = [newPerson(), newPerson()];
  const first = hand.append(alice, [1, 2], 50);
  expect((await hand.append(bob, [1])).results).toEqual([{ status: 'overloaded', retryAfter: 1 }]);
  hand.pass(60);
  expect((await first).results).toEqual(Array(2).fill({ status: 'overloaded', retryAfter: 1 }));
  expect(hand.batches).toHaveLength(0);
});

test('a lone message goes at once, and so does the one after it', async () => {
  const hand = byHand();
  for (const index of [0, 1, 2]) {
    const answer = hand.append(newPerson(), [1]);
    hand.pass(0);
    expect(hand.batches).toHaveLength(index + 1);
    await hand.finish(index);
    await answer;
  }
});

test('what is malformed never reaches the log, and holds nothing else back', async () => {
  const hand = byHand();
  const answer = hand.append(newPerson(), [1, 'AAAA', 2]);
  hand.pass(0);
  expect(hand.batches.map(({ messages }) => messages.map(({ n }) => n))).toEqual([[1, 2]]);
  await hand.finish(0);
  expect((await answer).results.map(({ status }) => status)).toEqual(['stored', 'malformed', 'stored']);
});
