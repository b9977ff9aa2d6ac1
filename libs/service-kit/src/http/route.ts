import type {
  BodyOf,
  DeviceId,
  HttpOperation,
  ParamsOf,
  ProblemCode,
  ProblemExtras,
  QueryOf,
  ResponseOf,
  SessionId,
  UserId,
} from '@wisp/protocol';
import type { Request, Response } from 'express';

/** Who calls, by the access token. */
export interface Caller {
  readonly user: UserId;
  readonly session: SessionId;
  /** Absent in a session that isn't bound to a device. */
  readonly device?: DeviceId;
  /** The end of the token, in milliseconds since 1970. */
  readonly until: number;
}
export type DeviceCaller = Caller & { readonly device: DeviceId };

export type CallerOf<Operation extends HttpOperation> = Operation['auth'] extends 'device'
  ? DeviceCaller
  : Operation['auth'] extends 'account'
    ? Caller
    : undefined;

/** What a handler gets; everything is checked against the operation's schemas. */
export interface Call<Operation extends HttpOperation> {
  readonly params: ParamsOf<Operation>;
  readonly query: QueryOf<Operation>;
  readonly body: BodyOf<Operation>;
  readonly caller: CallerOf<Operation>;
  /** For limits; never to be stored or logged. */
  readonly address: string;
  /** For cookies and headers alone. */
  readonly request: Request;
  readonly response: Response;
}

/** Codes that any operation may answer with. */
export type CommonProblem =
  'malformed' | 'unauthorized' | 'rate-limited' | 'too-large' | 'unavailable' | 'overloaded';

/** An expected outcome that isn't a success. A value: return it. */
export interface Refusal<Code extends ProblemCode = ProblemCode> {
  readonly refused: Code;
  readonly extras: ProblemExtras;
}

/** Answers with a problem (RFC 9457). `retryAfter` is in seconds and also becomes the header. */
export function refuse<Code extends ProblemCode>(code: Code, extras: ProblemExtras = {}): Refusal<Code> {
  return { refused: code, extras };
}

export type Outcome<Operation extends HttpOperation> =
  ResponseOf<Operation> | Refusal<Operation['problems'][number] | CommonProblem>;

export type Handler<Operation extends HttpOperation> = (
  call: Call<Operation>,
) => Promise<Outcome<Operation>> | Outcome<Operation>;

/** An operation with what it does. */
export interface Route {
  readonly operation: HttpOperation;
  readonly handle: (call: Call<HttpOperation>) => unknown;
}

/** Binds a handler to its operation: `route(getVault, ({ caller }) => readVault({ vaults }, caller.user))`. */
export function route<const Operation extends HttpOperation>(
  operation: Operation,
  handler: Handler<Operation>,
): Route {
  // `createApi` builds the call from this operation's own schemas.
  return { operation, handle: (call) => handler(call) };
}
