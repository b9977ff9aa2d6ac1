import { setTimeout as pause } from 'node:timers/promises';

export interface Repetition {
  /** Ends it; resolves when a run that is under way is done. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  readonly everyMs: number;
  readonly task: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** ±20 %, so that replicas don't march in step. */
const JITTER = 0.2;

/** Runs a task again and again, never twice at once; a run that fails doesn't end it. */
export function repeat({ everyMs, task, onFailure }: RepeatOptions): Repetition {
  const stopping = new AbortController();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await task().catch(onFailure);
      const wait = everyMs * (1 - JITTER + 2 * JITTER * Math.random());
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
  const running = loop();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
