import { runService } from '../src/lifecycle/run-service.js';
import { createLogger } from '../src/logging/create-logger.js';

/** A process for lifecycle.test.ts. `LIFE` says how it lives. */
const life = process.env.LIFE ?? '';
const say = (text: string) => process.stdout.write(`say ${text}\n`);

await runService({
  logger: createLogger({ service: 'life', level: 'info' }),
  deadlineMs: 300,
  start: () => {
    if (life === 'stillborn') return Promise.reject(new Error('no'));
    const alive = setInterval(() => undefined, 1_000);
    if (life === 'crash') setImmediate(() => void Promise.reject(new Error('crashed')));
    return Promise.resolve({
      drain: () => {
        say('drain');
        return life === 'stuck' ? new Promise<void>(() => undefined) : Promise.resolve();
      },
      stop: () => {
        say('stop');
        clearInterval(alive);
        return Promise.resolve();
      },
    });
  },
});
