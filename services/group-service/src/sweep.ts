import { classifyDatabaseError, type Logger } from '@wisp/service-kit';

export interface Sweep {
  /** Takes up nothing new; resolves when the round in progress is over. */
  stop(): Promise<void>;
}

export interface SweepOptions {
  /** Of the log line that says that a round failed. */
  readonly name: string;
  readonly everyMs: number;
  readonly round: () => Promise<void>;
  readonly logger: Logger;
}

const JITTER = 0.2;

/** Calls `round` again and again, never twice at once. */
export function startSweep({ name, everyMs, round, logger }: SweepOptions): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;

  function plan(): void {
    if (stopped) return;
    // Replicas that started together shouldn't stay in step.
    const wait = everyMs * (1 - JITTER + 2 * JITTER * Math.random());
    timer = setTimeout(() => {
      running = run();
    }, wait);
  }

  async function run(): Promise<void> {
    try {
      await round();
    } catch (error) {
      const level = classifyDatabaseError(error) === 'unavailable' ? 'warn' : 'error';
      logger[level]({ error, name }, 'a sweep was cut short');
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
