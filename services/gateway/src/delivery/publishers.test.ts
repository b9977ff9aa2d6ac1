import { expect, test } from '@jest/globals';
import { Publishers } from './publishers.js';

const envelope = (process: string, number: number, more: { bye?: boolean } = {}) => ({
  process,
  number,
  timeline: 1,
  items: [],
  ...more,
});

test('a jump in the numbers of one publisher is a loss; what another says is not', () => {
  const publishers = new Publishers(() => 0);
  expect(publishers.receive(envelope('a', 7))).toBe(false);
  expect(publishers.receive(envelope('b', 1))).toBe(false);
  expect(publishers.receive(envelope('a', 8))).toBe(false);
  expect(publishers.receive(envelope('a', 10))).toBe(true);
  expect(publishers.receive(envelope('a', 11))).toBe(false);
});

test('three seconds of silence are a loss, once; after a goodbye they are none', () => {
  let now = 0;
  const publishers = new Publishers(() => now);
  publishers.receive(envelope('a', 1));
  publishers.receive(envelope('b', 1));
  publishers.receive(envelope('b', 2, { bye: true }));
  now = 3000;
  expect(publishers.fallenSilent()).toEqual([]);
  now = 3001;
  expect(publishers.fallenSilent()).toEqual(['a']);
  expect(publishers.fallenSilent()).toEqual([]);
});
