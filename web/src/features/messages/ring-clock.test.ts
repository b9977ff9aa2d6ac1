import { describe, expect, test } from '@jest/globals';
import { createRingClock, dotsLeft, untilNextDot } from './ring-clock.js';

const HOUR = 3_600_000;
const hour = { endsAt: HOUR, ttlSeconds: 3600 };

describe('dots', () => {
  test('one goes out per eighth of the time', () => {
    const eighth = HOUR / 8;
    expect(
      [0, 1, eighth - 1, eighth, 4 * eighth, HOUR - 1, HOUR, HOUR + 1].map((at) => dotsLeft(hour, at)),
    ).toEqual([8, 8, 8, 7, 4, 1, 0, 0]);
  });

  test('a clock that starts in the future shows all of them', () => {
    expect(dotsLeft(hour, -HOUR)).toBe(8);
  });

  test('the next one goes out at the end of its eighth', () => {
    expect(untilNextDot(hour, 0)).toBe(HOUR / 8);
    expect(untilNextDot(hour, HOUR / 8 - 100)).toBe(100);
    expect(untilNextDot(hour, HOUR - 1)).toBe(1);
    expect(untilNextDot(hour, HOUR)).toBe(Infinity);
  });
});

function handDriven() {
  let at = 0;
  let timer: { act: () => void; due: number } | null = null;
  const waits: number[] = [];
  const clock = createRingClock({
    now: () => at,
    setTimer: (act, milliseconds) => {
      waits.push(milliseconds);
      timer = { act, due: at + milliseconds };
      return timer;
    },
    clearTimer: (cleared) => {
      if (timer === cleared) timer = null;
    },
  });
  return {
    clock,
    waits,
    isAsleep: () => timer === null,
    next: () => {
      const due = timer;
      timer = null;
      at = due?.due ?? at;
      due?.act();
    },
  };
}

describe('the scheduler', () => {
  test('wakes once for the next dot of any ring', () => {
    const hand = handDriven();
    let told = 0;
    hand.clock.join(hour, () => (told += 1));
    hand.clock.join({ endsAt: 8 * HOUR, ttlSeconds: 8 * 3600 }, () => (told += 1));
    expect(hand.waits.at(-1)).toBe(HOUR / 8);
    hand.next();
    expect(told).toBe(2);
  });

  test('never wakes more often than twice a second', () => {
    const hand = handDriven();
    hand.clock.join({ endsAt: 1000, ttlSeconds: 1 }, () => undefined);
    expect(hand.waits).toEqual([500]);
  });

  test('looks again after an hour at the latest: longer timers fire at once in browsers', () => {
    const hand = handDriven();
    hand.clock.join({ endsAt: 365 * 24 * HOUR, ttlSeconds: 365 * 24 * 3600 }, () => undefined);
    expect(hand.waits).toEqual([HOUR]);
  });

  test('sleeps while the page is hidden, and catches up when it shows', () => {
    const hand = handDriven();
    let told = 0;
    hand.clock.join(hour, () => (told += 1));
    hand.clock.setAwake(false);
    expect(hand.isAsleep()).toBe(true);
    hand.clock.setAwake(true);
    expect(told).toBe(1);
    expect(hand.isAsleep()).toBe(false);
  });

  test('stops when the last ring leaves', () => {
    const hand = handDriven();
    const leave = hand.clock.join(hour, () => undefined);
    leave();
    expect(hand.isAsleep()).toBe(true);
  });
});
