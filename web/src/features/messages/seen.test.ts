import { expect, test } from '@jest/globals';
import { createSeenTracker } from './seen.js';
import { message } from './test-messages.js';

const { key } = message(1);

test('seen is what was in view for a second', () => {
  const seen = createSeenTracker();
  seen.appeared(key, 0);
  expect(seen.nextDue()).toBe(1000);
  expect(seen.collect(999)).toEqual([]);
  expect(seen.collect(1000)).toEqual([key]);
});

test('each message is reported once', () => {
  const seen = createSeenTracker();
  seen.appeared(key, 0);
  seen.collect(1000);
  seen.appeared(key, 2000);
  expect(seen.nextDue()).toBeNull();
});

test('out of view, the second starts anew', () => {
  const seen = createSeenTracker();
  seen.appeared(key, 0);
  seen.vanished(key);
  seen.appeared(key, 900);
  expect(seen.collect(1500)).toEqual([]);
  expect(seen.collect(1900)).toEqual([key]);
});

test('when the window loses its focus, the second starts anew for all', () => {
  const seen = createSeenTracker();
  seen.appeared(key, 0);
  seen.restart(800);
  expect(seen.collect(1700)).toEqual([]);
  expect(seen.collect(1800)).toEqual([key]);
});
