import { describe, expect, test } from '@jest/globals';
import { seq } from '@wisp/protocol';
import { readTo } from './rebuild-conversation.js';

const held = (...numbers: number[]) => numbers.map((number) => seq.parse(number));

describe('how far a log was read, by the hashes that are held of it', () => {
  test('to the newest', () => {
    expect(readTo(held(3, 4, 5, 6))).toBe(6);
    expect(readTo(held())).toBe(0);
  });

  test('below an own entry that was acknowledged before those under it were read', () => {
    expect(readTo(held(3, 4, 7))).toBe(4);
    expect(readTo(held(3, 4, 7, 9))).toBe(4);
    expect(readTo(held(1, 900))).toBe(1);
  });

  test('what went long ago leaves a gap that means nothing', () => {
    const run = Array.from({ length: 300 }, (_, i) => 100 + i);
    expect(readTo(held(3, 4, ...run))).toBe(399);
  });
});
