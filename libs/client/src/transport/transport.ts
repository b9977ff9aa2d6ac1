import type {
  BodyOf,
  ClientFrame,
  ErrorAck,
  HttpOperation,
  ParamsOf,
  Problem,
  QueryOf,
  ResponseOf,
  serverFrames,
} from '@wisp/protocol';
import type { z } from 'zod';

/* What the engine sees of the network. Everything goes to one base URL. */

type Given<Key extends string, Value> = [Value] extends [undefined] ? unknown : { [K in Key]: Value };

/** What an operation wants: `params`, `query` and `body` exactly where it declares them. */
export type CallInput<Operation extends HttpOperation> = Given<'params', ParamsOf<Operation>> &
  Given<'query', QueryOf<Operation>> &
  Given<'body', BodyOf<Operation>> & { ifMatch?: string };

export type CallResult<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'problem'; problem: Problem }
  /** No answer, or none that the operation allows: whether it took effect is in doubt. */
  | { kind: 'unreachable'; reason: 'no-network' | 'timeout' | 'bad-answer' };

export interface HttpClient {
  /** Never throws for what a server or network does. Operations that want a token get a fresh one first. */
  call<const Operation extends HttpOperation>(
    operation: Operation,
    input: CallInput<Operation>,
  ): Promise<CallResult<ResponseOf<Operation>>>;
}

export type RealtimeState =
  { kind: 'offline'; reason: OfflineReason; retryAt?: number } | { kind: 'connecting' } | { kind: 'online' };

export type OfflineReason =
  /** Nobody asked for a connection. */
  'stopped' | 'no-network' | 'server-busy' | 'server-away' | 'session-ended' | 'protocol-too-old';

type FrameOf<Frame> = Frame extends { event: infer Event; payload: infer Payload extends z.ZodType }
  ? { event: Event; payload: z.infer<Payload> }
  : never;

/** Any frame of the gateway, checked by its schema. */
export type ReceivedFrame = FrameOf<(typeof serverFrames)[number]>;

export type RealtimeEvent = { type: 'state'; state: RealtimeState } | { type: 'frame'; frame: ReceivedFrame };

export type SendResult<Ack> =
  | { kind: 'ok'; value: Ack }
  | { kind: 'refused'; error: ErrorAck }
  /** It went out and no answer came: it may have taken effect. */
  | { kind: 'in-doubt' }
  /** It didn't go out. */
  | { kind: 'offline' };

export interface Realtime {
  readonly state: RealtimeState;
  on(listener: (event: RealtimeEvent) => void): () => void;
  /** Connects, and stays connected until `stop`. */
  start(): void;
  stop(): void;
  /** Tries now instead of at `retryAt`. */
  wake(): void;
  send<const Frame extends ClientFrame>(
    frame: Frame,
    payload: z.input<Frame['payload']>,
  ): Promise<SendResult<z.output<Frame['ack']>>>;
}
