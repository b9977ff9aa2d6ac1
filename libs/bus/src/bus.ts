import type { EventSubject, RequestSubject } from '@wisp/protocol';
import type { z } from 'zod';

/** A named connection to the broker. Payloads are JSON, checked against the subject's schema by whoever receives. */
export interface Bus {
  /**
   * Asks one of the subject's handlers.
   * @throws {BusError} see `BusErrorCode`
   */
  request<Request extends z.ZodType, Response extends z.ZodType>(
    subject: RequestSubject<Request, Response>,
    payload: z.output<Request>,
    options?: RequestOptions,
  ): Promise<z.output<Response>>;

  /**
   * Answers requests; one handler of each queue group gets each of them. Requests run concurrently: a handler that
   * can be flooded bounds itself. What it throws reaches the caller as `unavailable`, without the text.
   */
  handle<Request extends z.ZodType, Response extends z.ZodType>(
    subject: RequestSubject<Request, Response>,
    options: HandleOptions,
    handler: (request: z.output<Request>) => z.output<Response> | Promise<z.output<Response>>,
  ): Subscription;

  /**
   * Sends an event to every subscriber, now or never: nothing is kept for later.
   * @throws {BusError} `disconnected`, `closed` or `too-large`; then nobody gets it.
   */
  publish<Payload extends z.ZodType>(subject: EventSubject<Payload>, payload: z.output<Payload>): void;

  /**
   * Calls `handler` once per event, in the order in which each publisher sent them, without a tick in between. While
   * a promise that it returned is pending, later events wait; beyond 64 MiB of them the rest is dropped and
   * `slow-consumer` reported. Malformed events are dropped and counted. With `queue`, one of the group gets each.
   */
  subscribe<Payload extends z.ZodType>(
    subject: EventSubject<Payload>,
    handler: (payload: z.output<Payload>) => void | Promise<void>,
    options?: { queue?: string },
  ): Subscription;

  /**
   * Resolves once the broker has everything that was published in this tick and before it.
   * @throws {BusError} `disconnected` or `closed`: some of it may be lost.
   */
  flush(): Promise<void>;

  /** Takes no more requests and events, finishes those it has (handlers may still publish and ask), flushes, closes. */
  drain(): Promise<void>;

  /** Ends at once; whatever is in flight fails with `closed`. */
  close(): Promise<void>;

  /** Whether the broker can be reached, as far as known. */
  isConnected(): boolean;

  /** Every change and every fault, for hints, logs and metrics. Returns the function that ends it. */
  onStatus(listener: (status: BusStatus) => void): () => void;

  /** How often it happened since the start. */
  counters(): Readonly<BusCounters>;
}

export interface RequestOptions {
  /** Milliseconds; 5,000 by default. */
  readonly timeoutMs?: number;
}

export interface HandleOptions {
  /** The queue group: the service's name, as a rule. */
  readonly queue: string;
}

export interface Subscription {
  /** Takes nothing more; resolves when everything received has been dealt with. */
  drain(): Promise<void>;
}

export type BusStatus =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected' }
  /** For good: only a new bus helps. `error` is absent after `drain` and `close`. */
  | { readonly kind: 'closed'; readonly error?: Error }
  /** Events were dropped because this side was too slow. Once per episode. */
  | { readonly kind: 'slow-consumer'; readonly subject: string }
  | {
      readonly kind: 'malformed';
      readonly what: 'request' | 'reply' | 'event';
      readonly subject: string;
      readonly field: string;
    }
  | { readonly kind: 'handler-failed'; readonly subject: string; readonly error: unknown }
  | { readonly kind: 'not-permitted'; readonly subject: string };

export interface BusCounters {
  disconnects: number;
  malformedRequests: number;
  malformedReplies: number;
  malformedEvents: number;
  /** Events dropped behind a slow handler. */
  droppedEvents: number;
  handlerFaults: number;
}
