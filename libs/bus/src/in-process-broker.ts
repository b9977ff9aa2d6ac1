import { BusError } from './bus-error.js';
import type { Bus } from './bus.js';
import { createBus } from './create-bus.js';
import { DEFAULT_MAX_PAYLOAD, type Wire, type WireStatus, type WireSubscribeOptions } from './wire.js';

export interface BrokerOptions {
  /** The largest payload in bytes; 2 MiB by default, as in the cluster. */
  readonly maxPayload?: number;
  /** Bytes of events that may wait for a slow handler, per subscription; 64 MiB by default. */
  readonly maxPendingBytes?: number;
}

/** The broker of one process: what NATS is to the cluster, with the same encoding, order, limits and failures. */
export interface Broker {
  /** A bus of its own for one service. */
  connect(): Promise<Bus>;
  /** The broker "dies": messages on their way are lost, every bus is disconnected. For tests. */
  stop(): void;
  /** It is back; every bus reconnects with its subscriptions. */
  resume(): void;
}

type Member = WireSubscribeOptions & { open: boolean };
type Respond = (bytes: Uint8Array) => void;

export function createBroker(options: BrokerOptions = {}): Broker {
  const { maxPayload = DEFAULT_MAX_PAYLOAD, maxPendingBytes } = options;
  const members = new Map<string, Set<Member>>();
  const connections = new Set<Connection>();
  let up = true;
  let turn = 0;
  let queued: (() => void)[] = [];

  interface Connection {
    report(status: WireStatus): void;
    fail(code: 'disconnected' | 'closed'): void;
  }

  /** Everything passes one queue, a tick later: delivery is asynchronous and in order of publishing. */
  function enqueue(task: () => void): void {
    if (queued.length === 0) setImmediate(runQueued);
    queued.push(task);
  }

  function runQueued(): void {
    const tasks = queued;
    queued = [];
    for (const task of tasks) task();
  }

  /** All subscribers outside queue groups, and one of each group in turn. Says whether there was any. */
  function route(subject: string, bytes: Uint8Array, respond: Respond | undefined): boolean {
    const groups = new Map<string, Member[]>();
    const receivers: Member[] = [];
    for (const member of members.get(subject) ?? []) {
      if (member.queue === undefined) receivers.push(member);
      else groups.set(member.queue, [...(groups.get(member.queue) ?? []), member]);
    }
    turn += 1;
    for (const group of groups.values()) {
      const chosen = group[turn % group.length];
      if (chosen) receivers.push(chosen);
    }
    for (const receiver of receivers) receiver.receive(bytes, respond);
    return receivers.length > 0;
  }

  function connectWire(report: (status: WireStatus) => void): Wire {
    let closed = false;
    const own = new Map<Member, string>();
    const outstanding = new Set<(code: 'disconnected' | 'closed') => void>();

    const connection: Connection = {
      report,
      fail(code) {
        for (const abandon of [...outstanding]) abandon(code);
      },
    };
    connections.add(connection);

    function assertOpen(subject: string): void {
      if (closed) throw new BusError('closed', subject);
      if (!up) throw new BusError('disconnected', subject);
    }

    function remove(member: Member): void {
      const subject = own.get(member);
      if (subject === undefined) return;
      own.delete(member);
      members.get(subject)?.delete(member);
      if (members.get(subject)?.size === 0) members.delete(subject);
    }

    /** A promise that also ends with the connection. */
    function whileOpen<T>(
      subject: string,
      start: (resolve: (value: T) => void, reject: (error: BusError) => void) => void,
    ): Promise<T> {
      let abandon: (code: 'disconnected' | 'closed') => void = () => undefined;
      return new Promise<T>((resolve, reject) => {
        abandon = (code) => reject(new BusError(code, subject));
        outstanding.add(abandon);
        start(resolve, reject);
      }).finally(() => outstanding.delete(abandon));
    }

    return {
      isConnected: () => up && !closed,
      maxPayload: () => maxPayload,
      publish(subject, bytes) {
        assertOpen(subject);
        enqueue(() => route(subject, bytes, undefined));
      },
      async request(subject, bytes, timeoutMs) {
        assertOpen(subject);
        let timer: NodeJS.Timeout | undefined;
        return whileOpen<Uint8Array>(subject, (resolve, reject) => {
          timer = setTimeout(() => reject(new BusError('timeout', subject)), timeoutMs);
          enqueue(() => {
            const found = route(subject, bytes, (reply) => {
              if (up) enqueue(() => resolve(reply));
            });
            if (!found) enqueue(() => reject(new BusError('no-responders', subject)));
          });
        }).finally(() => clearTimeout(timer));
      },
      subscribe(subject, { queue, receive }) {
        if (closed) throw new BusError('closed', subject);
        const member: Member = {
          queue,
          open: true,
          receive: (bytes, respond) => member.open && receive(bytes, respond),
        };
        own.set(member, subject);
        members.set(subject, (members.get(subject) ?? new Set()).add(member));
        return {
          stop() {
            remove(member);
            return Promise.resolve();
          },
        };
      },
      async flush() {
        assertOpen('flush');
        return whileOpen<void>('flush', (resolve) => enqueue(resolve));
      },
      close() {
        if (closed) return Promise.resolve();
        closed = true;
        for (const member of [...own.keys()]) {
          member.open = false;
          remove(member);
        }
        connections.delete(connection);
        connection.fail('closed');
        report({ kind: 'closed' });
        return Promise.resolve();
      },
    };
  }

  return {
    connect: () => createBus(connectWire, { maxPendingBytes }),
    stop() {
      if (!up) return;
      up = false;
      queued = [];
      for (const connection of [...connections]) {
        connection.fail('disconnected');
        connection.report({ kind: 'disconnected' });
      }
    },
    resume() {
      if (up) return;
      up = true;
      for (const connection of [...connections]) connection.report({ kind: 'reconnected' });
    },
  };
}
