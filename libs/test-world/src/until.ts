import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/** Something that tells when to look again. */
export interface Watched {
  on(listener: () => void): () => void;
  /** How long it may take; a minute by default. */
  patienceMs?: number;
}

/**
 * Resolves with the first answer of `look` that isn't undefined; looks at once and after each event. Fails with what
 * was seen last when nothing of it comes true: no test waits for a time to pass.
 */
export async function until<Found>(
  watched: Watched,
  look: () => Promise<Found | undefined>,
  describe: () => Promise<string>,
): Promise<Found> {
  let wake: () => void = () => undefined;
  const stop = watched.on(() => wake());
  const end = Date.now() + (watched.patienceMs ?? PATIENCE_MS);
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const began = performance.now();
      const found = await look();
      if (found !== undefined) return found;
      // To look takes time from those that are looked at, who share this process: half of it at most.
      await pause(performance.now() - began);
      const left = end - Date.now();
      if (left <= 0) throw new Error(await describe());
      let timer: NodeJS.Timeout | undefined;
      const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(left, 1000))));
      await Promise.race([woken, elapsed]);
      clearTimeout(timer);
    }
  } finally {
    stop();
  }
}
