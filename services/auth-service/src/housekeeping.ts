import type { Logger } from '@wisp/service-kit';

export interface Chore {
  name: string;
  everySeconds: number;
  work: () => Promise<void>;
}

/** Does each chore again and again, in every replica; one that fails is tried again at its next turn. */
export function startHousekeeping(chores: readonly Chore[], logger: Logger): { stop(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const timers = chores.map(({ name, everySeconds, work }) =>
    setInterval(() => {
      const turn = work()
        .catch((error: unknown) => logger.warn({ error, name }, 'a chore failed'))
        .finally(() => running.delete(turn));
      running.add(turn);
    }, everySeconds * 1000),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}
