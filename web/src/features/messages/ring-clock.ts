export interface RunningClock {
  endsAt: number;
  ttlSeconds: number;
}

const DOTS = 8;

/** The dots that still glow: one goes out per eighth of the time. */
export function dotsLeft({ endsAt, ttlSeconds }: RunningClock, now: number): number {
  const left = (DOTS * (endsAt - now)) / (ttlSeconds * 1000);
  return Math.min(DOTS, Math.max(0, Math.ceil(left)));
}

/** Milliseconds until the next dot goes out; infinite once all are out. */
export function untilNextDot(clock: RunningClock, now: number): number {
  const lit = dotsLeft(clock, now);
  if (lit === 0) return Infinity;
  return clock.endsAt - ((lit - 1) * clock.ttlSeconds * 1000) / DOTS - now;
}

interface RingClockParts {
  now: () => number;
  setTimer: (act: () => void, milliseconds: number) => unknown;
  clearTimer: (timer: unknown) => void;
}

const SHORTEST = 500;
/** Timers above 2^31 ms fire at once; an hour is soon enough to look again. */
const LONGEST = 60 * 60 * 1000;

/**
 * The one scheduler behind all rings. It wakes when the next dot of any of them goes out, at most twice a second, and
 * sleeps while the page is hidden. Nothing is deleted by it: that is the engine's clock.
 */
export function createRingClock({ now, setTimer, clearTimer }: RingClockParts) {
  const rings = new Map<() => void, RunningClock>();
  let timer: unknown = null;
  let awake = true;

  const schedule = () => {
    if (timer !== null) clearTimer(timer);
    timer = null;
    if (!awake) return;
    const at = now();
    let next = Infinity;
    for (const clock of rings.values()) next = Math.min(next, untilNextDot(clock, at));
    if (next === Infinity) return;
    timer = setTimer(tick, Math.min(LONGEST, Math.max(SHORTEST, next)));
  };

  const tick = () => {
    timer = null;
    for (const notify of [...rings.keys()]) notify();
    schedule();
  };

  return {
    /** `notify` is called whenever a dot may have gone out. */
    join: (clock: RunningClock, notify: () => void): (() => void) => {
      rings.set(notify, clock);
      schedule();
      return () => {
        rings.delete(notify);
        schedule();
      };
    },
    setAwake: (value: boolean) => {
      if (awake === value) return;
      awake = value;
      if (awake) tick();
      else schedule();
    },
  };
}
