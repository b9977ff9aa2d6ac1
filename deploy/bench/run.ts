// `npm run bench`: what a message costs the server, how fast it goes, what a connection holds, how long Enter takes to
// the other screen. On loopback, bounded, stops by itself; its figures with their command stand in docs/performance.md.
import { benchmark } from './benchmark.js';
import { createEndings } from './endings.js';
import { readWish, usage, WishRefused, type Wish } from './read-wish.js';

/** By the person at the terminal, who knows. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const LONGEST_MS = 20 * 60_000;

function readWords(): Wish {
  try {
    return readWish(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WishRefused)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}

const wish = readWords();
const isOver = new AbortController();
const endings = createEndings();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // npm and the terminal may both pass one Ctrl-C on; what runs ends in order within seconds.
    if (!isOver.signal.aborted) console.log('\nStopping …');
    isOver.abort(new Interrupted());
  });
}
// A connection that breaks: nothing that is measured from there on would mean anything.
process.on('uncaughtException', (error) => isOver.abort(error));
setTimeout(() => isOver.abort(new Error('it took too long')), LONGEST_MS).unref();

const over = new Promise<never>((_, reject) => {
  isOver.signal.addEventListener('abort', () => reject(isOver.signal.reason as Error));
});

let code = 0;
try {
  await Promise.race([benchmark(wish, { endings, signal: isOver.signal }), over]);
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error);
  code = 1;
} finally {
  // What is still being measured fails from here on, and nobody wants to hear it.
  isOver.abort(new Error('done'));
  await endings.run();
}
process.exit(code);
