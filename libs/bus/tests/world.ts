import { startNats, type NatsPart } from '@wisp/deploy-local/parts';
import { connectNats, createBroker, type Bus, type BusStatus } from '@wisp/bus';

/** What the contract suite needs of an implementation: buses, and a broker that can die and come back. */
export interface BusWorld {
  connect(): Promise<Bus>;
  /** kill −9 of the broker. */
  kill(): Promise<void>;
  revive(): Promise<void>;
  end(): Promise<void>;
}

export const MAX_PAYLOAD = 256 * 1024;
export const MAX_PENDING = 64 * 1024;

export function inProcessWorld(): Promise<BusWorld> {
  const broker = createBroker({ maxPayload: MAX_PAYLOAD, maxPendingBytes: MAX_PENDING });
  const buses: Bus[] = [];
  return Promise.resolve({
    async connect() {
      const bus = await broker.connect();
      buses.push(bus);
      return bus;
    },
    kill: () => Promise.resolve(broker.stop()),
    revive: () => Promise.resolve(broker.resume()),
    end: async () => void (await Promise.all(buses.map((bus) => bus.close()))),
  });
}

export async function natsWorld(): Promise<BusWorld> {
  let server: NatsPart = await startNats({ maxPayload: MAX_PAYLOAD });
  const { port, url } = server;
  const buses: Bus[] = [];
  return {
    async connect() {
      const bus = await connectNats({ servers: url, name: 'contract', maxPendingBytes: MAX_PENDING });
      buses.push(bus);
      return bus;
    },
    kill: () => server.kill(),
    async revive() {
      server = await startNats({ port, maxPayload: MAX_PAYLOAD });
    },
    async end() {
      await Promise.all(buses.map((bus) => bus.close()));
      await server.stop();
    },
  };
}

/** Resolves with the next status of this kind. Ask before causing it. */
export function nextStatus<Kind extends BusStatus['kind']>(
  bus: Bus,
  kind: Kind,
): Promise<Extract<BusStatus, { kind: Kind }>> {
  return new Promise((resolve) => {
    const end = bus.onStatus((status) => {
      if (status.kind !== kind) return;
      end();
      resolve(status as Extract<BusStatus, { kind: Kind }>);
    });
  });
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Collects what it is called with; `until(n)` resolves when it holds n of them. */
export function collector<T>() {
  const items: T[] = [];
  const waiting: { count: number; wake: () => void }[] = [];
  return {
    items,
    add(item: T) {
      items.push(item);
      for (const { count, wake } of waiting) if (items.length >= count) wake();
    },
    until(count: number): Promise<void> {
      if (items.length >= count) return Promise.resolve();
      return new Promise((wake) => waiting.push({ count, wake }));
    },
  };
}
