import { describe, expect, test } from '@jest/globals';
import { bisect } from './bisect.js';
import { classifyDatabaseError } from './classify-database-error.js';

const databaseError = (code: string) => Object.assign(new Error('refused'), { code });

/** A database that doubles numbers, refuses whole batches that hold a negative one, and notes what it stored. */
function doubler(failure = '23514') {
  const stored: number[] = [];
  const batches: number[] = [];
  const run = (items: readonly number[]) => {
    batches.push(items.length);
    if (items.some((item) => item < 0)) return Promise.reject(databaseError(failure));
    stored.push(...items);
    return Promise.resolve(items.map((item) => item * 2));
  };
  return { run, stored, batches };
}

describe('bisect', () => {
  test('a batch without poison is one call', async () => {
    const { run, batches } = doubler();
    expect(await bisect([1, 2, 3], run)).toEqual([2, 4, 6].map((result) => ({ kind: 'done', result })));
    expect(batches).toEqual([3]);
    expect(await bisect([], run)).toEqual([]);
    expect(batches).toEqual([3]);
  });

  test('poison rows stand alone, the others are stored once and in order', async () => {
    const { run, stored, batches } = doubler();
    const items = Array.from({ length: 64 }, (_, i) => (i === 10 || i === 11 || i === 63 ? -1 : i));
    const outcomes = await bisect(items, run);
    expect(outcomes.map(({ kind }, i) => (kind === 'poison' ? i : undefined)).filter(Number)).toEqual([
      10, 11, 63,
    ]);
    expect(stored).toEqual(items.filter((item) => item >= 0));
    expect(outcomes[12]).toEqual({ kind: 'done', result: 24 });
    expect(batches.length).toBeLessThan(30);
  });

  test('unavailability answers for all of its half, and is not halved', async () => {
    const { run, batches } = doubler('57P01');
    const outcomes = await bisect([1, -1], run);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable']);
    expect(batches).toEqual([2]);
  });

  test('a bug is thrown', async () => {
    const { run } = doubler('42601');
    await expect(bisect([-1], run)).rejects.toMatchObject({ code: '42601' });
    await expect(bisect([1, 2], () => Promise.resolve([1]))).rejects.toThrow(RangeError);
  });
});

test.each([
  ['22P02', 'poison'],
  ['23505', 'poison'],
  ['54000', 'poison'],
  ['08006', 'unavailable'],
  ['40001', 'unavailable'],
  ['40P01', 'unavailable'],
  ['53300', 'unavailable'],
  ['53100', 'unavailable'],
  ['57014', 'unavailable'],
  ['57P03', 'unavailable'],
  ['55P03', 'unavailable'],
  ['25006', 'unavailable'],
  ['58030', 'unavailable'],
  ['42P01', 'fault'],
  ['XX000', 'fault'],
  ['ECONNREFUSED', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['ERR_INVALID_ARG_TYPE', 'fault'],
])('%s is %s', (code, expected) => {
  expect(classifyDatabaseError(databaseError(code))).toBe(expected);
  expect(classifyDatabaseError(new Error('wrapped', { cause: databaseError(code) }))).toBe(expected);
});

test('what pg says without a code is told by its words; no error is a fault', () => {
  expect(classifyDatabaseError(new Error('Connection terminated unexpectedly'))).toBe('unavailable');
  expect(classifyDatabaseError(new Error('timeout exceeded when trying to connect'))).toBe('unavailable');
  expect(classifyDatabaseError('57P01')).toBe('fault');
});
