import type { Clock } from '../src/clock.js';

export interface HandClock extends Clock {
  /** Moves both clocks on and runs what comes due, in order. */
  advance(ms: number): void;
  /** How far away the timers are, nearest first. */
  timers(): number[];
}

/** A clock that stands still until it is moved. */
export function handClock(start = 1_700_000_000_000): HandClock {
  let time = 0;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    now: () => start + time,
    monotonic: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run };
      waiting.push(timer);
      return () => {
        waiting = waiting.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const until = time + ms;
      for (;;) {
        const next = waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        waiting = waiting.filter((other) => other !== next);
        time = Math.max(time, next.at);
        next.run();
      }
      time = until;
    },
    timers: () => waiting.map(({ at }) => at - time).sort((a, b) => a - b),
  };
}
