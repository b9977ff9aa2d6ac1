import { describe, expect, test } from '@jest/globals';
import { guessTime } from './guess-time.js';
import { makeFiveWords } from './make-five-words.js';

describe('strength as time to guess', () => {
  test.each([
    [1e3, 'easy', 1],
    [1.1e8, 'easy', 2],
    [1e11, 'fair', 3],
    [1e14, 'strong', 4],
  ])('%d guesses are %s', (guesses, level, bars) => {
    expect(guessTime(guesses)).toMatchObject({ level, bars });
  });

  test('the time is said in the unit that people use', () => {
    expect(guessTime(1.1e8).time).toEqual({ key: 'strength.hours', n: 3 });
    expect(guessTime(1e11).time).toEqual({ key: 'strength.months', n: 4 });
    expect(guessTime(1).time?.key).toBe('strength.second');
    expect(guessTime(1e14).time).toBeNull();
  });

  test('never "60 minutes" or "24 hours"', () => {
    expect(guessTime(59.8 * 60 * 1e4).time).toEqual({ key: 'strength.hours', n: 1 });
    expect(guessTime(23.8 * 3600 * 1e4).time).toEqual({ key: 'strength.days', n: 1 });
  });
});

describe('five words', () => {
  const list = ['a', 'b', 'c'];

  test('are five, from the list', () => {
    let next = 0;
    const words = makeFiveWords(list, (values) => {
      values[0] = next;
      next += 1;
    });
    expect(words).toBe('a b c a b');
  });

  test('a number that would favour the first words is thrown again', () => {
    const throws = [2 ** 32 - 1, 1, 1, 1, 1, 1];
    const words = makeFiveWords(list, (values) => {
      values[0] = throws.shift() ?? 0;
    });
    expect(words).toBe('b b b b b');
    expect(throws).toEqual([]);
  });
});
