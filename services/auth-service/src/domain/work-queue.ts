export type WorkResult<T> = { kind: 'done'; value: T } | { kind: 'overloaded' };

/** Runs at most `concurrency` jobs at once, keeps `queueLimit` waiting in order and refuses the rest at once. */
export function createWorkQueue({ concurrency, queueLimit }: { concurrency: number; queueLimit: number }) {
  let running = 0;
  const waiting: (() => void)[] = [];

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async run<T>(job: () => Promise<T>): Promise<WorkResult<T>> {
      if (running < concurrency) running += 1;
      else if (waiting.length < queueLimit) await new Promise<void>((resolve) => waiting.push(resolve));
      else return { kind: 'overloaded' };
      try {
        return { kind: 'done', value: await job() };
      } finally {
        leave();
      }
    },
  };
}
