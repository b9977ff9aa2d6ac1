import { expect, test } from '@jest/globals';
import { refuseRate, refuseSecret } from './refusals.js';

test('who comes too often is told when to come again, in whole seconds', () => {
  const told = (retryAfterMs: number) => refuseRate({ kind: 'rate-limited', retryAfterMs }).extras;
  expect(told(3_001)).toEqual({ retryAfter: 4, detail: 'Next try in 4 seconds.' });
  expect(told(1)).toEqual({ retryAfter: 1, detail: 'Next try in 1 second.' });
});

test('busy hashers are no wrong password', () => {
  expect(refuseSecret({ kind: 'overloaded' })).toEqual({ refused: 'overloaded', extras: { retryAfter: 2 } });
  expect(refuseSecret({ kind: 'wrong-credentials' })).toEqual({ refused: 'wrong-credentials', extras: {} });
});
