import { expect, test } from '@jest/globals';
import { createWorkQueue } from './work-queue.js';

/** A job that ends when the test says so. */
function gate() {
  let open: (error?: Error) => void = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = (error) => (error ? reject(error) : resolve());
  });
  return { opened, open };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('runs so many at once, in order, and refuses beyond the queue', async () => {
  const queue = createWorkQueue({ concurrency: 2, queueLimit: 2 });
  const gates = Array.from({ length: 5 }, gate);
  const started: number[] = [];
  const results = gates.map(({ opened }, index) =>
    queue.run(async () => {
      started.push(index);
      await opened;
      return index;
    }),
  );
  expect(await results[4]).toEqual({ kind: 'overloaded' });
  expect(started).toEqual([0, 1]);
  gates[1]?.open();
  expect(await results[1]).toEqual({ kind: 'done', value: 1 });
  await settle();
  expect(started).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(results.slice(0, 4))).toEqual(
    [0, 1, 2, 3].map((value) => ({ kind: 'done', value })),
  );
  expect(started).toEqual([0, 1, 2, 3]);
});

test('a job that throws gives its place back', async () => {
  const queue = createWorkQueue({ concurrency: 1, queueLimit: 1 });
  const { opened, open } = gate();
  const failing = queue.run(() => opened);
  const next = queue.run(() => Promise.resolve('next'));
  open(new Error('broken'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toEqual({ kind: 'done', value: 'next' });
  expect(await queue.run(() => Promise.resolve('later'))).toEqual({ kind: 'done', value: 'later' });
});
