/** What was begun and has to be ended, however the run goes. */
export interface Endings {
  add(end: () => Promise<void>): void;
  /** The newest first. One that fails doesn't keep the others from ending. */
  run(): Promise<void>;
}

export function createEndings(): Endings {
  const waiting: (() => Promise<void>)[] = [];
  return {
    add: (end) => void waiting.push(end),
    async run() {
      for (let end = waiting.pop(); end !== undefined; end = waiting.pop())
        await end().catch((error: unknown) => console.error(error));
    },
  };
}
