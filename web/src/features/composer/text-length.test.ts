import { expect, test } from '@jest/globals';
import { isTooLong, LONGEST } from './text-length.js';

test('a text may be as long as the engine takes, counted by code points', () => {
  expect(isTooLong('x'.repeat(LONGEST))).toBe(false);
  expect(isTooLong('x'.repeat(LONGEST + 1))).toBe(true);
  expect(isTooLong('🪁'.repeat(LONGEST))).toBe(false);
  expect(isTooLong('🪁'.repeat(LONGEST + 1))).toBe(true);
});
