import { describe, expect, test } from '@jest/globals';
import { choiceOf, customSeconds, inOtherUnit, timerOf } from './timer-choice.js';
import { isSameTimer, longTimer, longTtl, shortTimer, shortTtl } from './timer-words.js';

describe('words', () => {
  test('a time is said in the largest unit that fits', () => {
    expect([5, 30, 300, 3600, 5400, 28_800, 86_400, 604_800, 2_419_200].map(shortTtl)).toEqual([
      '5 s',
      '30 s',
      '5 min',
      '1 h',
      '90 min',
      '8 h',
      '1 day',
      '1 wk',
      '4 wk',
    ]);
    expect(longTtl(3600)).toBe('1 hour');
    expect(longTtl(259_200)).toBe('3 days');
  });

  test('a timer says when its clock starts', () => {
    expect(shortTimer({ mode: 'afterRead', ttlSeconds: 3600 })).toBe('1 h after read');
    expect(shortTimer({ mode: 'off' })).toBe('Timer off');
    expect(longTimer({ mode: 'afterSend', ttlSeconds: 30 }, 2)).toBe('30 seconds after they are sent');
    expect(longTimer({ mode: 'afterRead', ttlSeconds: 30 }, 1)).toBe('30 seconds after it is read');
  });

  test('two timers are the same by mode and time', () => {
    expect(isSameTimer({ mode: 'off' }, { mode: 'off' })).toBe(true);
    expect(isSameTimer({ mode: 'afterRead', ttlSeconds: 5 }, { mode: 'afterSend', ttlSeconds: 5 })).toBe(
      false,
    );
    expect(isSameTimer({ mode: 'afterRead', ttlSeconds: 5 }, { mode: 'off' })).toBe(false);
  });
});

describe('the picker', () => {
  test.each([
    { mode: 'off' } as const,
    { mode: 'afterRead', ttlSeconds: 300 } as const,
    { mode: 'afterSend', ttlSeconds: 259_200 } as const,
  ])('opens on the timer that holds: %j', (timer) => {
    expect(timerOf(choiceOf(timer))).toEqual(timer);
  });

  test('takes 5 seconds to 1 year in whole units', () => {
    expect(customSeconds({ typed: '4', unit: 's' })).toBeNull();
    expect(customSeconds({ typed: '5', unit: 's' })).toBe(5);
    expect(customSeconds({ typed: '365', unit: 'day' })).toBe(31_536_000);
    expect(customSeconds({ typed: '366', unit: 'day' })).toBeNull();
    for (const typed of ['', ' ', '1.5', '-3', 'three', '1e9']) {
      expect(customSeconds({ typed, unit: 'min' })).toBeNull();
    }
  });

  test('says the same time another way, where it comes out even', () => {
    expect(inOtherUnit(259_200, 'day')).toEqual({ n: 72, unit: 'h' });
    expect(inOtherUnit(90, 's')).toBeNull();
  });
});
