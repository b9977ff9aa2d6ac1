import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from '../parts/child-process.js';
import type { Warden } from './start-warden.js';

/** One process of the cluster, started again whenever it dies. */
export interface ClusterProcess {
  /** `gateway-1`, `postgres` … */
  readonly name: string;
  readonly port: number;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** kill −9. Resolves when it is gone; the launcher starts it again. */
  kill(): Promise<void>;
  /** Resolves once it runs and is ready, again. */
  ready(): Promise<void>;
  /** Ends it for good, in order. */
  stop(): Promise<void>;
}

export interface KeepRunningOptions {
  readonly name: string;
  readonly start: () => Promise<Part>;
  readonly warden: Warden;
  /** A line for the person at the terminal. */
  readonly say: (line: string) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** What has run this long is no longer failing. */
const STEADY_MS = 10_000;

/** Starts a process and keeps it running. Rejects when the first start fails. */
export async function keepRunning({ name, start, warden, say }: KeepRunningOptions): Promise<ClusterProcess> {
  let part = await launch();
  let isStopping = false;
  const stopping = new AbortController();
  let restarting: Promise<void> = Promise.resolve();
  watch(part);

  async function launch(): Promise<Part> {
    const started = await start();
    warden.watch(started.pid);
    return started;
  }

  function watch(current: Part): void {
    const startedAt = Date.now();
    void current.exited.then((how) => {
      warden.forget(current.pid);
      if (isStopping) return;
      say(`${name} ended (${how}) and is started again.`);
      restarting = restart(Date.now() - startedAt > STEADY_MS ? 0 : FIRST_PAUSE_MS);
    });
  }

  async function restart(firstPause: number): Promise<void> {
    for (let wait = firstPause; !isStopping; wait = Math.min(Math.max(wait, 100) * 2, LONGEST_PAUSE_MS)) {
      await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (isStopping) return;
      try {
        part = await launch();
        // It may have been told to stop while it started.
        if (isStopping) return await part.stop();
        watch(part);
        return say(`${name} runs again.`);
      } catch (error) {
        say(`${name} doesn't start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  return {
    name,
    get port() {
      return part.port;
    },
    get pid() {
      return part.pid;
    },
    async kill() {
      await restarting;
      await part.kill();
    },
    ready: () => restarting,
    async stop() {
      isStopping = true;
      stopping.abort();
      await part.stop();
      await restarting;
    },
  };
}
