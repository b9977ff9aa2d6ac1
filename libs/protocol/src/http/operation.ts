import type { z } from 'zod';
import type { ProblemCode } from '../problems.js';

/**
 * Who may call. `none`: anybody; `cookie`: the holder of the refresh cookie; `account`: any valid access token;
 * `device`: an access token that is bound to a listed device.
 */
export type Authentication = 'none' | 'cookie' | 'account' | 'device';

/** One HTTP operation: the only description of it that client, server and documents share. */
export interface HttpOperation {
  readonly name: string;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Express and OpenAPI agree on it but for the braces: `/api/auth/users/:id/device-lists`. */
  readonly path: string;
  readonly auth: Authentication;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The largest JSON body in bytes; 64 KiB where it is absent. */
  readonly bodyBytes?: number;
  readonly status: 200 | 201 | 204;
  /** Absent with 204. */
  readonly response?: z.ZodType;
  /** What it answers beyond `problemsOf`'s common ones. */
  readonly problems: readonly ProblemCode[];
}

/** Keeps the literal types of an operation, so that callers infer its inputs and answer. */
export function httpOperation<const Operation extends HttpOperation>(operation: Operation): Operation {
  return operation;
}

const common: readonly ProblemCode[] = [
  'malformed',
  'too-large',
  'rate-limited',
  'unavailable',
  'overloaded',
  'internal',
];

/** Every code that an operation may answer with: the common ones, those of its authentication, and its own. */
export function problemsOf({ auth, body, problems }: HttpOperation): ReadonlySet<ProblemCode> {
  const wantsToken = auth === 'account' || auth === 'device';
  return new Set([
    ...common,
    ...(body === undefined ? [] : (['unsupported-media-type'] as const)),
    ...(wantsToken ? (['unauthorized', 'session-ended'] as const) : []),
    ...(auth === 'device' ? (['device-not-listed'] as const) : []),
    ...problems,
  ]);
}

type Inferred<Schema> = Schema extends z.ZodType ? z.infer<Schema> : undefined;
export type ParamsOf<Operation extends HttpOperation> = Inferred<Operation['params']>;
export type QueryOf<Operation extends HttpOperation> = Inferred<Operation['query']>;
export type BodyOf<Operation extends HttpOperation> = Inferred<Operation['body']>;
export type ResponseOf<Operation extends HttpOperation> = Inferred<Operation['response']>;
