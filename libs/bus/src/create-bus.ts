import type { EventSubject, RequestSubject } from '@wisp/protocol';
import type { z } from 'zod';
import { BusError } from './bus-error.js';
import type { Bus, BusCounters, BusStatus, HandleOptions, RequestOptions, Subscription } from './bus.js';
import { createEventQueue } from './event-queue.js';
import { decodeMessage, decodeReply, encodeMessage, type Reply } from './message-codec.js';
import type { Wire, WireStatus } from './wire.js';

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_PENDING_BYTES = 64 * 1024 * 1024;

export interface BusSettings {
  /** Bytes of events that may wait for a slow handler, per subscription. */
  readonly maxPendingBytes?: number | undefined;
}

/** The one bus over whichever wire `connect` builds. The wire reports its status through the function it is given. */
export async function createBus(
  connect: (report: (status: WireStatus) => void) => Wire | Promise<Wire>,
  settings: BusSettings = {},
): Promise<Bus> {
  const maxPending = settings.maxPendingBytes ?? MAX_PENDING_BYTES;
  const listeners = new Set<(status: BusStatus) => void>();
  const subscriptions = new Set<Subscription>();
  const counters: BusCounters = {
    disconnects: 0,
    malformedRequests: 0,
    malformedReplies: 0,
    malformedEvents: 0,
    droppedEvents: 0,
    handlerFaults: 0,
  };

  function report(status: BusStatus): void {
    if (status.kind === 'disconnected') counters.disconnects += 1;
    if (status.kind === 'handler-failed') counters.handlerFaults += 1;
    for (const listener of listeners) {
      try {
        listener(status);
      } catch (error) {
        // A listener's bug must be loud, but not end the client's read loop, in which this may run.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  const wire = await connect(report);

  function encode(subject: string, payload: unknown): Uint8Array {
    const bytes = encodeMessage(payload);
    if (bytes.byteLength > wire.maxPayload()) throw new BusError('too-large', subject);
    return bytes;
  }

  function track(stop: () => Promise<void>): Subscription {
    let stopping: Promise<void> | undefined;
    const subscription: Subscription = {
      drain() {
        stopping ??= stop().finally(() => subscriptions.delete(subscription));
        return stopping;
      },
    };
    subscriptions.add(subscription);
    return subscription;
  }

  async function request<Request extends z.ZodType, Response extends z.ZodType>(
    { subject, response }: RequestSubject<Request, Response>,
    payload: z.output<Request>,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: RequestOptions = {},
  ): Promise<z.output<Response>> {
    const reply = decodeReply(response, await wire.request(subject, encode(subject, payload), timeoutMs));
    if (reply.kind === 'ok') return reply.value;
    if (reply.kind === 'error') {
      throw new BusError(reply.error, subject, reply.field === undefined ? {} : { field: reply.field });
    }
    counters.malformedReplies += 1;
    report({ kind: 'malformed', what: 'reply', subject, field: reply.field });
    throw new BusError('bad-reply', subject, { field: reply.field });
  }

  function handle<Request extends z.ZodType, Response extends z.ZodType>(
    { subject, request: schema }: RequestSubject<Request, Response>,
    { queue }: HandleOptions,
    handler: (request: z.output<Request>) => z.output<Response> | Promise<z.output<Response>>,
  ): Subscription {
    const running = new Set<Promise<void>>();

    async function answer(bytes: Uint8Array): Promise<Uint8Array> {
      const decoded = decodeMessage(schema, bytes);
      if (!decoded.ok) {
        counters.malformedRequests += 1;
        report({ kind: 'malformed', what: 'request', subject, field: decoded.field });
        return encodeMessage({ error: 'bad-request', field: decoded.field } satisfies Reply);
      }
      try {
        return encode(subject, { ok: await handler(decoded.value) } satisfies Reply);
      } catch (error) {
        report({ kind: 'handler-failed', subject, error });
        return encodeMessage({ error: 'unavailable' } satisfies Reply);
      }
    }

    const wired = wire.subscribe(subject, {
      queue,
      receive(bytes, respond) {
        const work = answer(bytes)
          .then(respond)
          // A reply that finds no connection: its caller has failed already, in doubt.
          .catch(() => undefined)
          .finally(() => running.delete(work));
        running.add(work);
      },
    });
    return track(async () => {
      await wired.stop();
      while (running.size > 0) await Promise.all(running);
    });
  }

  function subscribe<Payload extends z.ZodType>(
    { subject, payload: schema }: EventSubject<Payload>,
    handler: (payload: z.output<Payload>) => void | Promise<void>,
    { queue }: { queue?: string } = {},
  ): Subscription {
    const fail = (error: unknown) => report({ kind: 'handler-failed', subject, error });
    const events = createEventQueue({
      maxPending,
      onDrop(first) {
        counters.droppedEvents += 1;
        if (first) report({ kind: 'slow-consumer', subject });
      },
      deliver(bytes) {
        const decoded = decodeMessage(schema, bytes);
        if (!decoded.ok) {
          counters.malformedEvents += 1;
          report({ kind: 'malformed', what: 'event', subject, field: decoded.field });
          return undefined;
        }
        try {
          return handler(decoded.value)?.catch(fail);
        } catch (error) {
          fail(error);
          return undefined;
        }
      },
    });
    const wired = wire.subscribe(subject, { queue, receive: (bytes) => events.push(bytes) });
    return track(async () => {
      await wired.stop();
      await events.settled();
    });
  }

  return {
    request,
    handle,
    subscribe,
    publish: ({ subject }, payload) => wire.publish(subject, encode(subject, payload)),
    flush: () => wire.flush(),
    async drain() {
      await Promise.all([...subscriptions].map((subscription) => subscription.drain()));
      // Without a connection there is nobody left to tell.
      if (wire.isConnected()) await wire.flush().catch(() => undefined);
      await wire.close();
    },
    close: () => wire.close(),
    isConnected: () => wire.isConnected(),
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counters: () => ({ ...counters }),
  };
}
