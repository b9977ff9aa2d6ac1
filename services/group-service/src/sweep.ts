import { classifyDatabaseError, type Logger } from '@wisp/service-kit';

export interface Sweep {
  /** Takes up nothing new; resolves when the round in progress is over. */
  stop(): Promise<void>;
}

const EVERY_MS = 500;
const JITTER = 0.2;

/** Calls `round` every half second, never two at once. */
export function startSweep(options: { round: () => Promise<void>; logger: Logger }): Sweep {
  const { round, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;

  function plan(): void {
    if (stopped) return;
    // Replicas that started together shouldn't stay in step.
    const wait = EVERY_MS * (1 - JITTER + 2 * JITTER * Math.random());
    timer = setTimeout(() => {
      running = run();
    }, wait);
  }

  async function run(): Promise<void> {
    try {
      await round();
    } catch (error) {
      const level = classifyDatabaseError(error) === 'unavailable' ? 'warn' : 'error';
      logger[level]({ error }, 'pending commits were not finished');
    }
    plan();
  }

  plan();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
