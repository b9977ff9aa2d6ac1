import { expect, test } from '@jest/globals';
import { newConversation, newPerson, seqOf, type Person } from '../../tests/messages.js';
import { createAppendQueue, queueBounds, type QueuedMessage } from './append-queue.js';

const conversation = newConversation();

function queued(
  who: Person,
  n: number,
  { deadline = 100, bytes = 10 } = {},
): QueuedMessage & { fate: string[] } {
  const fate: string[] = [];
  const body = new Uint8Array(bytes);
  return {
    message: { ...who, conversation, n, lastCommitSeq: seqOf(1), mode: 'none', ttl: 0, body },
    text: '',
    deadline,
    queuedAt: n,
    fate,
    settle: ({ kind }) => fate.push(kind),
  };
}
const many = (who: Person, count: number) =>
  Array.from({ length: count }, (_, index) => queued(who, index + 1));
const counts = (batch: readonly QueuedMessage[], people: readonly Person[]) =>
  people.map(({ user }) => batch.filter(({ message }) => message.user === user).length);

test('gives each account its turn, 16 of one at most, in their order', () => {
  const queue = createAppendQueue();
  const [loud, quiet] = [newPerson(), newPerson()];
  queue.push(many(loud, 40));
  queue.push(many(quiet, 2));
  const batch = queue.take(0);
  expect(counts(batch, [loud, quiet])).toEqual([16, 2]);
  expect(batch[1]?.message.user).toBe(quiet.user);
  const ofLoud = batch.filter(({ message }) => message.user === loud.user);
  expect(ofLoud.map(({ message }) => message.n)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(queue.size()).toBe(24);
});

test('an account at the log waits until its batch is done; others go on', () => {
  const queue = createAppendQueue();
  const [alice, bob] = [newPerson(), newPerson()];
  queue.push(many(alice, 20));
  const first = queue.take(0);
  queue.push(many(bob, 1));
  expect(counts(queue.take(0), [alice, bob])).toEqual([0, 1]);
  expect(queue.take(0)).toEqual([]);
  queue.release(first);
  expect(queue.take(0).map(({ message }) => message.n)).toEqual([17, 18, 19, 20]);
});

test('a batch is bounded in messages and bytes, but never empty for one that is large', () => {
  const people = Array.from({ length: 20 }, newPerson);
  const queue = createAppendQueue({ ...queueBounds, batchMessages: 50, batchBytes: 100 });
  for (const who of people) queue.push(many(who, 16));
  expect(queue.take(0)).toHaveLength(10);
  const narrow = createAppendQueue({ ...queueBounds, batchMessages: 50 });
  for (const who of people) narrow.push(many(who, 16));
  expect(narrow.holdsBatch()).toBe(true);
  expect(narrow.take(0)).toHaveLength(50);
  const large = createAppendQueue({ ...queueBounds, batchBytes: 100 });
  const alice = newPerson();
  large.push([queued(alice, 1, { bytes: 500 }), queued(alice, 2)]);
  expect(large.take(0).map(({ message }) => message.n)).toEqual([1]);
});

test('who was served waits behind who was not', () => {
  const queue = createAppendQueue({ ...queueBounds, batchMessages: 4, perAccount: 4 });
  const [alice, bob] = [newPerson(), newPerson()];
  queue.push(many(alice, 8));
  queue.push(many(bob, 8));
  const seen = [];
  for (let batch = queue.take(0); batch.length > 0; batch = queue.take(0)) {
    seen.push(counts(batch, [alice, bob]));
    queue.release(batch);
  }
  expect(seen).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
});

test('full, it takes all or none', () => {
  const queue = createAppendQueue({ ...queueBounds, waiting: 10 });
  expect(queue.push(many(newPerson(), 8))).toBe(true);
  expect(queue.push(many(newPerson(), 3))).toBe(false);
  expect(queue.push(many(newPerson(), 2))).toBe(true);
  expect(queue.size()).toBe(10);
});

test('drops what nobody waits for any more, unseen', () => {
  const queue = createAppendQueue();
  const alice = newPerson();
  const [late, inTime] = [queued(alice, 1, { deadline: 5 }), queued(alice, 2, { deadline: 50 })];
  queue.push([late, inTime]);
  expect(queue.oldest()).toBe(1);
  expect(queue.take(10)).toEqual([inTime]);
  expect(late.fate).toEqual(['overloaded']);
  expect(queue.size()).toBe(0);
  expect(queue.oldest()).toBe(Infinity);
});
