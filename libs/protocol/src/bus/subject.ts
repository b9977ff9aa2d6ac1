import type { z } from 'zod';

/** A request that one of a queue group answers. */
export interface RequestSubject<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly kind: 'request';
  /** The NATS subject. */
  readonly subject: string;
  readonly request: Request;
  readonly response: Response;
}

/** An event that every subscriber gets. */
export interface EventSubject<Payload extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly subject: string;
  readonly payload: Payload;
}

export type RequestOf<S> = S extends RequestSubject<infer Request, z.ZodType> ? z.infer<Request> : never;
export type ReplyOf<S> = S extends RequestSubject<z.ZodType, infer Response> ? z.infer<Response> : never;
export type EventOf<S> = S extends EventSubject<infer Payload> ? z.infer<Payload> : never;
