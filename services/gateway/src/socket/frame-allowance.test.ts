import { expect, test } from '@jest/globals';
import { FrameAllowance } from './frame-allowance.js';

test('a burst, then so many a second; a refusal says when to come again', () => {
  let now = 0;
  const allowance = new FrameAllowance(() => now);
  const taken = Array.from({ length: 1500 }, () => allowance.take(1));
  expect(taken.filter((wait) => wait === 0)).toHaveLength(1000);
  const wait = allowance.take(10);
  expect(wait).toBeCloseTo(0.1);
  now += wait * 1000;
  expect(allowance.take(10)).toBe(0);
  expect(allowance.take(1)).toBeGreaterThan(0);
});

test('rest gives back no more than a burst', () => {
  let now = 0;
  const allowance = new FrameAllowance(() => now);
  now = 3_600_000;
  expect(Array.from({ length: 1001 }, () => allowance.take(1)).filter((wait) => wait === 0)).toHaveLength(
    1000,
  );
});
