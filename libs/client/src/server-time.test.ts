import { describe, expect, test } from '@jest/globals';
import { ServerTime } from './server-time.js';

const START = Date.UTC(2026, 10, 24);
const DAY = 24 * 60 * 60 * 1000;

function device() {
  let passed = 0;
  const clock = { now: () => START + passed, monotonic: () => passed, after: () => () => undefined };
  return { time: new ServerTime(clock), passes: (ms: number) => (passed += ms) };
}

describe('the server’s clock', () => {
  test('goes by the monotonic one between two answers', () => {
    const { time, passes } = device();
    time.correct(START + 5000);
    passes(700);
    expect(time.now()).toBe(START + 5700);
    expect(time.offset()).toBe(5000);
  });

  test('set back at once or bit by bit, tells once by how much', () => {
    const { time, passes } = device();
    time.correct(START);
    passes(1000);
    time.correct(START + 1000 - DAY);
    expect(time.takeSetBack()).toBe(DAY);
    expect(time.takeSetBack()).toBe(0);
    for (let i = 1; i <= 4; i += 1) time.correct(START + 1000 - DAY - i * 900);
    expect(time.takeSetBack()).toBe(3600);
  });

  test('is not set back by an answer that took its time, nor by going forward', () => {
    const { time, passes } = device();
    time.correct(START + DAY);
    passes(1500);
    time.correct(START + DAY);
    expect(time.takeSetBack()).toBe(0);
    time.correct(START + 3 * DAY);
    expect(time.takeSetBack()).toBe(0);
  });

  test('behind what the device assumed at its start: set back, unless a wall clock drifts so much', () => {
    for (const [offset, setBack] of [
      [DAY, DAY],
      [60_000, 0],
      [-DAY, 0],
    ] as const) {
      const { time } = device();
      time.assume(offset);
      time.correct(START);
      expect(time.takeSetBack()).toBe(setBack);
    }
  });

  test('is not before the last one heard, where the wall clock was set back while the device was off', () => {
    const { time, passes } = device();
    time.assume(-DAY, START - 60_000);
    expect(time.now()).toBe(START - 60_000);
    passes(1500);
    expect(time.now()).toBe(START - 58_500);
    time.assume(DAY, START - 60_000);
    expect(time.now()).toBe(START + 1500 + DAY);
  });

  test('that no calendar has is not taken', () => {
    const { time } = device();
    time.correct(START);
    for (const absurd of [0, Date.UTC(2019), Date.UTC(2201), 8.64e15]) time.correct(absurd);
    expect(time.now()).toBe(START);
    expect(time.takeSetBack()).toBe(0);
  });
});
