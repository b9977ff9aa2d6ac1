/** Time as the engine sees it; tests drive one by hand. */
export interface Clock {
  /** Wall clock of this device, ms since 1970. */
  now(): number;
  /** Never jumps, ms since an arbitrary moment. */
  monotonic(): number;
  /** Calls `run` once after `ms`; answers how to call it off. Any length is fine. */
  after(ms: number, run: () => void): () => void;
}

/** setTimeout fires at once above this. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number) => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMEOUT);
      timer = setTimeout(() => (left > step ? arm(left - step) : run()), step);
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};
