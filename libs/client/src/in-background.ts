import { StoreLost } from './store/store.js';

/** Work that nobody waits for. What the end of the store cuts short is nobody's loss; anything else is a fault. */
export function inBackground(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (!(error instanceof StoreLost)) throw error;
  });
}
