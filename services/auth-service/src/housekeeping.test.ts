import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createLogger } from '@wisp/service-kit';
import { startHousekeeping } from './housekeeping.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a chore has its turns, also after one that failed, and none after the end', async () => {
  const lines: string[] = [];
  const logger = createLogger({ service: 'auth-service', level: 'warn', write: (line) => lines.push(line) });
  let turns = 0;
  const work = () => {
    turns += 1;
    return turns === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  const chores = startHousekeeping([{ name: 'forget', everySeconds: 60, work }], logger);
  await jest.advanceTimersByTimeAsync(59_000);
  expect(turns).toBe(0);
  await jest.advanceTimersByTimeAsync(61_000);
  expect(turns).toBe(2);
  expect(lines).toHaveLength(1);
  await chores.stop();
  await jest.advanceTimersByTimeAsync(600_000);
  expect(turns).toBe(2);
});
