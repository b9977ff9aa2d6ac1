import { connect, type NatsConnection, type Status } from '@nats-io/transport-node';
import { errors } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { BusError } from './bus-error.js';
import type { Bus } from './bus.js';
import { createBus } from './create-bus.js';
import { DEFAULT_MAX_PAYLOAD, type Wire, type WireStatus } from './wire.js';

export interface NatsOptions {
  /** `nats://host:port`, several separated by commas. */
  readonly servers: string;
  /** Shown in the broker's monitoring; the service's name. */
  readonly name: string;
  /** With a user, replies arrive below `_INBOX.<user>.`: nobody else may read there. */
  readonly user?: string;
  readonly password?: string;
  /** How long to try at first, in milliseconds; 30,000 by default. Afterwards it tries for ever. */
  readonly connectWithinMs?: number;
  /** Bytes of events that may wait for a slow handler, per subscription; 64 MiB by default. */
  readonly maxPendingBytes?: number;
}

const RECONNECT_WAIT_MS = 100;
const RECONNECT_JITTER_MS = 400;
const PING_INTERVAL_MS = 5_000;

/**
 * A bus over core NATS. It reconnects by itself, for ever; while it is away everything fails at once.
 * @throws {BusError} `disconnected` when no server answers in time, `not-permitted` when it refuses the user
 */
export function connectNats(options: NatsOptions): Promise<Bus> {
  const { maxPendingBytes } = options;
  return createBus(async (report) => overConnection(await connectWithin(options), report), {
    maxPendingBytes,
  });
}

async function connectWithin(options: NatsOptions): Promise<NatsConnection> {
  const { servers, name, user, password, connectWithinMs = 30_000 } = options;
  const deadline = Date.now() + connectWithinMs;
  for (;;) {
    try {
      return await connect({
        servers: servers.split(',').map((server) => server.trim()),
        name,
        ...(user !== undefined && { user, inboxPrefix: `_INBOX.${user}` }),
        ...(password !== undefined && { pass: password }),
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
        reconnectJitter: RECONNECT_JITTER_MS,
        pingInterval: PING_INTERVAL_MS,
        maxPingOut: 2,
        timeout: 2_000,
        noAsyncTraces: true,
        ignoreAuthErrorAbort: true,
        ignoreClusterUpdates: true,
      });
    } catch (cause) {
      if (cause instanceof errors.AuthorizationError)
        throw new BusError('not-permitted', 'connect', { cause });
      if (Date.now() >= deadline) throw new BusError('disconnected', 'connect', { cause });
      await delay(RECONNECT_WAIT_MS);
    }
  }
}

function overConnection(connection: NatsConnection, report: (status: WireStatus) => void): Wire {
  let connected = true;
  let closed = false;
  const outstanding = new Set<(error: BusError) => void>();

  function assertConnected(subject: string): void {
    if (closed) throw new BusError('closed', subject);
    if (!connected) throw new BusError('disconnected', subject);
  }

  function abandon(code: 'disconnected' | 'closed'): void {
    for (const reject of [...outstanding]) reject(new BusError(code, 'connection'));
  }

  /** The client lets what is in flight run into its timeout when the connection dies; here it fails with it. */
  function whileConnected<T>(work: Promise<T>): Promise<T> {
    let reject: (error: BusError) => void = () => undefined;
    const lost = new Promise<never>((_, fail) => {
      reject = fail;
      outstanding.add(fail);
    });
    return Promise.race([work, lost]).finally(() => outstanding.delete(reject));
  }

  function follow(status: Status): void {
    if (status.type === 'disconnect') {
      connected = false;
      abandon('disconnected');
      report({ kind: 'disconnected' });
    } else if (status.type === 'reconnect') {
      connected = true;
      report({ kind: 'reconnected' });
    } else if (status.type === 'error') {
      if (status.error instanceof errors.PermissionViolationError) {
        report({ kind: 'not-permitted', subject: status.error.subject });
      } else if (/slow consumer/i.test(status.error.message)) {
        report({ kind: 'slow-consumer', subject: 'connection' });
      }
    }
  }
  void (async () => {
    for await (const status of connection.status()) follow(status);
  })();
  void connection.closed().then((error) => {
    closed = true;
    connected = false;
    abandon('closed');
    report(error ? { kind: 'closed', error } : { kind: 'closed' });
  });

  return {
    isConnected: () => connected && !closed,
    maxPayload: () => connection.info?.max_payload ?? DEFAULT_MAX_PAYLOAD,
    publish(subject, bytes) {
      assertConnected(subject);
      connection.publish(subject, bytes);
    },
    async request(subject, bytes, timeoutMs) {
      assertConnected(subject);
      try {
        const reply = await whileConnected(connection.request(subject, bytes, { timeout: timeoutMs }));
        return reply.data;
      } catch (cause) {
        throw asBusError(subject, cause);
      }
    },
    subscribe(subject, { queue, receive }) {
      if (closed) throw new BusError('closed', subject);
      const subscription = connection.subscribe(subject, {
        ...(queue !== undefined && { queue }),
        callback(error, message) {
          // The only error here is a refused subscription, which `status` reports too.
          if (error) return;
          const respond = message.reply ? (bytes: Uint8Array) => void message.respond(bytes) : undefined;
          receive(message.data, respond);
        },
      });
      return {
        async stop() {
          if (subscription.isClosed()) return;
          if (connected) await subscription.drain();
          else subscription.unsubscribe();
        },
      };
    },
    async flush() {
      assertConnected('flush');
      try {
        await whileConnected(connection.flush());
      } catch (cause) {
        throw asBusError('flush', cause);
      }
    },
    close() {
      closed = true;
      abandon('closed');
      return connection.close();
    },
  };
}

function asBusError(subject: string, cause: unknown): BusError {
  if (cause instanceof BusError) return new BusError(cause.code, subject);
  if (cause instanceof errors.RequestError && cause.isNoResponders()) {
    return new BusError('no-responders', subject);
  }
  if (cause instanceof errors.TimeoutError) return new BusError('timeout', subject);
  const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  if (reason instanceof errors.PermissionViolationError) return new BusError('not-permitted', subject);
  if (reason instanceof errors.ClosedConnectionError) return new BusError('closed', subject);
  return new BusError('disconnected', subject, { cause });
}
