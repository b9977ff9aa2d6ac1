import type { Logger } from '../logging/create-logger.js';

/** A service that runs. Both functions are called once, in this order. */
export interface RunningService {
  /** Fails readiness, takes nothing new, finishes what it has. */
  drain(): Promise<void>;
  /** Closes what is still open. */
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly logger: Logger;
  readonly start: () => Promise<RunningService>;
  /** Milliseconds from the signal to the end, at most; 55,000 by default. */
  readonly deadlineMs?: number;
}

/**
 * A process's whole life: start, SIGTERM or SIGINT, drain, stop, exit. A second signal, the deadline or an uncaught
 * error ends it at once with code 1. For `main.ts` only.
 */
export async function runService({ logger, start, deadlineMs = 55_000 }: RunOptions): Promise<void> {
  process.on('uncaughtException', (error) => {
    logger.error({ error }, 'uncaught: the process ends');
    process.exit(1);
  });
  process.on('unhandledRejection', (error) => {
    logger.error({ error }, 'unhandled rejection: the process ends');
    process.exit(1);
  });
  const ended = waitForSignal(logger);
  let service: RunningService;
  try {
    service = await start();
  } catch (error) {
    logger.error({ error }, 'the start failed');
    process.exit(1);
  }
  logger.info({}, 'started');

  const signal = await ended;
  logger.info({ signal }, 'draining');
  setTimeout(() => {
    logger.error({ ms: deadlineMs }, 'not drained in time: the process ends');
    process.exit(1);
  }, deadlineMs).unref();
  try {
    await service.drain();
    await service.stop();
  } catch (error) {
    logger.error({ error }, 'the end failed');
    process.exit(1);
  }
  logger.info({}, 'stopped');
  process.exit(0);
}

function waitForSignal(logger: Logger): Promise<string> {
  return new Promise((resolve) => {
    let signalled = false;
    const receive = (signal: NodeJS.Signals) => {
      if (signalled) {
        logger.warn({ signal }, 'signalled again: the process ends');
        process.exit(1);
      }
      signalled = true;
      resolve(signal);
    };
    process.on('SIGTERM', receive);
    process.on('SIGINT', receive);
  });
}
