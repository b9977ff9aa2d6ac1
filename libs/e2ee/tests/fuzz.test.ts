import { expect, test } from '@jest/globals';
import { fuzzMembership } from './membership-fuzzer.js';

/** Longer: `npm run fuzz -- --steps 10000 --seed N`. */
const STEPS = 40;

test('members agree through random changes, and who is out stays out', async () => {
  // A failure names its seed and step.
  const result = await fuzzMembership({ seed: 1, steps: STEPS, largest: 7 });
  expect(result.commits + result.hostile).toBeGreaterThan(STEPS / 2);
});
