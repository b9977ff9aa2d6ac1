import type { Store } from '../src/store/store.js';
import type { StoreHome } from '../src/store/store-home.js';

export interface Mortal {
  wrap(home: StoreHome): StoreHome;
  readonly isDead: boolean;
}

/** An engine that dies right after its `steps`-th durable step: whatever it does then fails. */
export function diesAfter(steps: number): Mortal {
  let left = steps;
  const check = () => {
    if (left <= 0) throw new Error('killed');
  };
  async function read<Value>(work: () => Promise<Value>): Promise<Value> {
    check();
    return work();
  }
  async function write<Value>(work: () => Promise<Value>): Promise<Value> {
    check();
    left--;
    const value = await work();
    check();
    return value;
  }
  const wrapStore = (store: Store): Store => ({
    get: (...args) => read(() => store.get(...args)),
    range: (...args) => read(() => store.range(...args)),
    commit: (...args) => write(() => store.commit(...args)),
  });
  return {
    get isDead() {
      return left <= 0;
    },
    wrap: (home) => ({
      sleeper: () => read(() => home.sleeper()),
      create: async (sleeper) => wrapStore(await write(() => home.create(sleeper))),
      open: async () => wrapStore(await read(() => home.open())),
      async unlock(guard) {
        const store = await write(() => home.unlock(guard));
        return store && wrapStore(store);
      },
      lock: (...args) => write(() => home.lock(...args)),
      note: (sleeper) => write(() => home.note(sleeper)),
      erase: () => write(() => home.erase()),
      close: () => home.close(),
    }),
  };
}
