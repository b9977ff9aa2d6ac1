import { describe, expect, test } from '@jest/globals';
import type { Engine, EngineEvent } from '@wisp/client';
import { reachEngine } from './reach-engine.js';
import { serveEngine } from './serve-engine.js';
import type { Channel, OpenChannel } from './wire.js';

/** Channels like the browser's, but what is posted arrives only when the hand says so. */
function handFlushedChannels() {
  const ends = new Map<string, Set<{ hear: (message: unknown) => void }>>();
  const queue: (() => void)[] = [];
  const open: OpenChannel = <Out, In>(name: string): Channel<Out, In> => {
    const all = ends.get(name) ?? new Set();
    ends.set(name, all);
    const end = { hear: (_: unknown) => undefined as void };
    all.add(end);
    return {
      post: (message) => {
        const copy: unknown = structuredClone(message);
        queue.push(() => {
          for (const other of all) if (other !== end) other.hear(copy);
        });
      },
      listen: (listener) => {
        end.hear = listener as (message: unknown) => void;
      },
      close: () => {
        all.delete(end);
      },
    };
  };
  const flush = async () => {
    for (let quiet = 0; quiet < 3;) {
      const next = queue.shift();
      next?.();
      quiet = next ? 0 : quiet + 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { open, flush };
}

/** The few commands that these tests ask for. */
function engineThat(commands: Partial<Engine>): { engine: Engine; emit: (event: EngineEvent) => void } {
  const listeners = new Set<(event: EngineEvent) => void>();
  const engine = {
    on: (listener: (event: EngineEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...commands,
  } as Engine;
  return { engine, emit: (event) => listeners.forEach((listener) => listener(event)) };
}

const never = () => new Promise<never>(() => undefined);

describe('a tab and the engine', () => {
  test('a call made before the engine is there waits for it', async () => {
    const { open, flush } = handFlushedChannels();
    const tab = reachEngine({ open, client: 'one' });
    const answer = tab.checkUsername('bo');
    await flush();
    serveEngine({
      engine: engineThat({ checkUsername: async () => ({ free: true }) }).engine,
      open,
      id: 'e1',
    });
    await flush();
    expect(await answer).toEqual({ free: true });
  });

  test('a typed refusal keeps its code', async () => {
    const { open, flush } = handFlushedChannels();
    const refusal = Object.assign(new Error('no'), { code: 'no-such-user' });
    serveEngine({ engine: engineThat({ findUser: () => Promise.reject(refusal) }).engine, open, id: 'e1' });
    const tab = reachEngine({ open, client: 'one' });
    const answer = tab.findUser('nobody').catch((error: unknown) => error);
    await flush();
    expect(await answer).toMatchObject({ name: 'EngineFailure', code: 'no-such-user' });
  });

  test('events reach every tab, answers only the one that asked', async () => {
    const { open, flush } = handFlushedChannels();
    const { engine, emit } = engineThat({ recoveryWords: async () => ({ words: ['lake'] }) });
    serveEngine({ engine, open, id: 'e1' });
    const heard: string[] = [];
    const first = reachEngine({ open, client: 'one' });
    const second = reachEngine({ open, client: 'two' });
    first.on((event) => heard.push(`one ${event.type}`));
    second.on((event) => heard.push(`two ${event.type}`));
    const spied: unknown[] = [];
    open('wisp/engine/two').listen((message) => spied.push(message));
    const words = first.recoveryWords();
    await flush();
    emit({ type: 'startChanged', start: { kind: 'nobody' } });
    await flush();
    expect(await words).toEqual({ words: ['lake'] });
    expect(heard).toEqual(['one startChanged', 'two startChanged']);
    expect(JSON.stringify(spied)).not.toContain('lake');
  });
});

describe('when the engine moves to another tab', () => {
  test('what may be asked twice is asked again, the rest is said to have moved', async () => {
    const { open, flush } = handFlushedChannels();
    serveEngine({
      engine: engineThat({ conversations: never, setTimer: never }).engine,
      open,
      id: 'first',
    });
    const tab = reachEngine({ open, client: 'one' });
    let moved = 0;
    tab.onMoved(() => (moved += 1));
    const list = tab.conversations();
    const timer = tab
      .setTimer({ conversation: 'c' as never, timer: { mode: 'off' } })
      .catch((error: unknown) => error);
    await flush();

    serveEngine({ engine: engineThat({ conversations: async () => [] }).engine, open, id: 'second' });
    await flush();
    expect(await list).toEqual([]);
    expect(await timer).toMatchObject({ code: 'engine-moved' });
    expect(moved).toBe(1);
  });
});
