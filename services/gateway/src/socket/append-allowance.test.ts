import { expect, test } from '@jest/globals';
import { createLimits } from '@wisp/service-kit';
import { AppendAllowance } from './append-allowance.js';

/** The real limit of one account, and a count of how often it was asked. */
function openAllowance(points: number) {
  const limit = createLimits().limit({ name: 'append', points, windowSeconds: 60 });
  let now = 0;
  let asked = 0;
  const counted = {
    take: (account: string, cost?: number) => {
      asked += 1;
      return limit.take(account, cost);
    },
  };
  return {
    allowance: new AppendAllowance(counted, () => now),
    asked: () => asked,
    pass: (ms: number) => void (now += ms),
  };
}

async function takeUntilRefused(allowance: AppendAllowance): Promise<number> {
  let taken = 0;
  while ((await allowance.take('ada', 1)).ok) taken += 1;
  return taken;
}

test('never gives more than the limit, and asks it once for many messages', async () => {
  const { allowance, asked } = openAllowance(210);
  expect(await takeUntilRefused(allowance)).toBe(210);
  expect(asked()).toBe(11);
  expect(await allowance.take('ada', 1)).toMatchObject({ ok: false });
});

test('a frame that is larger than the spare is asked for whole', async () => {
  const { allowance, asked } = openAllowance(1_200);
  await allowance.take('ada', 1);
  await allowance.take('ada', 16);
  expect(asked()).toBe(1);
  await allowance.take('ada', 16);
  expect(asked()).toBe(2);
});

test('a spare that was not used in its window lapses', async () => {
  const { allowance, asked, pass } = openAllowance(1_200);
  await allowance.take('ada', 1);
  pass(59_999);
  await allowance.take('ada', 1);
  expect(asked()).toBe(1);
  pass(1);
  await allowance.take('ada', 1);
  expect(asked()).toBe(2);
});
