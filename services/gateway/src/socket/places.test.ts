import { expect, test } from '@jest/globals';
import { Places } from './places.js';

test('those who were refused leave no debt behind', () => {
  const places = new Places(2);
  const taken = Array.from({ length: 1000 }, () => places.take());
  expect(taken.filter(Boolean)).toHaveLength(2);
  places.refill(250);
  expect(places.take()).toBe(false);
  places.refill(250);
  expect(places.take()).toBe(true);
  expect(places.take()).toBe(false);
});

test('nothing is saved up for longer than a second', () => {
  const places = new Places(2);
  places.refill(60_000);
  expect([places.take(), places.take(), places.take()]).toEqual([true, true, false]);
});
