import {
  ackFrame,
  appendFrame,
  base64urlLength,
  clientFrames,
  limits,
  presenceFrame,
  renewFrame,
  syncFrame,
  typingFrame,
  watchFrame,
  type ClientFrame,
  type ErrorAck,
  type ProblemCode,
} from '@wisp/protocol';
import type { z } from 'zod';
import type { ConnectedSocket } from './connected-socket.js';
import { FrameAllowance } from './frame-allowance.js';

/** The answer to a frame: its ack, or why not. */
export type FrameAnswer<Frame extends ClientFrame> = { ack: z.input<Frame['ack']> } | { error: ErrorAck };

export type FrameHandlers = {
  [Frame in (typeof clientFrames)[number] as Frame['event']]: (
    socket: ConnectedSocket,
    payload: z.output<Frame['payload']>,
  ) => Promise<FrameAnswer<Frame>>;
};

export function refuse(code: ProblemCode, more: Omit<ErrorAck, 'code'> = {}): { error: ErrorAck } {
  return { error: { code, ...more } };
}

/** A question to another service, or a signature to check. */
const DEAR = 10;

/** Every frame is checked by its schema; whatever is wrong gets an error ack and the connection lives. */
export function listenToFrames(
  socket: ConnectedSocket,
  handlers: FrameHandlers,
  onFault: (error: unknown) => void,
): void {
  const known = new Set<string>(clientFrames.map(({ event }) => event));
  const allowance = new FrameAllowance(Date.now);
  const refuseRate = (cost: number) => {
    const retryAfter = allowance.take(cost);
    return retryAfter === 0 ? undefined : refuse('rate-limited', { retryAfter });
  };
  socket.onAny((event: string, ...args: unknown[]) => {
    if (known.has(event)) return;
    const { reply } = readArguments(args);
    reply?.((refuseRate(1) ?? refuse('malformed', { field: 'event' })).error);
  });
  const listen = <Frame extends ClientFrame>(
    { frame, cost }: { frame: Frame; cost: number },
    handle: (socket: ConnectedSocket, payload: z.output<Frame['payload']>) => Promise<FrameAnswer<Frame>>,
  ): void => {
    const answer = async (payloads: unknown[]): Promise<FrameAnswer<Frame>> => {
      const tooMany = refuseRate(cost);
      if (tooMany !== undefined) return tooMany;
      const [payload, ...surplus] = payloads;
      if (surplus.length > 0) return refuse('malformed', { field: '(surplus)' });
      const parsed = frame.payload.safeParse(payload);
      if (parsed.success) return handle(socket, parsed.data as z.output<Frame['payload']>);
      return refuse(isTooLarge(payload) ? 'too-large' : 'malformed', {
        field: parsed.error.issues[0]?.path.join('.') || '(root)',
      });
    };
    socket.on(frame.event, (...args: unknown[]) => {
      const { payloads, reply } = readArguments(args);
      void answer(payloads)
        .catch((error: unknown) => {
          onFault(error);
          return refuse('internal');
        })
        .then((result) => reply?.('ack' in result ? result.ack : result.error));
    });
  };
  listen({ frame: appendFrame, cost: 1 }, handlers.append);
  listen({ frame: syncFrame, cost: DEAR }, handlers.sync);
  listen({ frame: ackFrame, cost: 1 }, handlers.ack);
  listen({ frame: watchFrame, cost: 1 }, handlers.watch);
  listen({ frame: typingFrame, cost: 1 }, handlers.typing);
  listen({ frame: presenceFrame, cost: 1 }, handlers.presence);
  listen({ frame: renewFrame, cost: DEAR }, handlers.renew);
}

/** A frame's one payload, and the function that acknowledges it, if the client wants to know. */
function readArguments(args: unknown[]): { payloads: unknown[]; reply?: (answer: unknown) => void } {
  const last = args.at(-1);
  if (typeof last !== 'function') return { payloads: args };
  return { payloads: args.slice(0, -1), reply: (answer) => void Reflect.apply(last, undefined, [answer]) };
}

function isTooLarge(payload: unknown): boolean {
  if (
    typeof payload !== 'object' ||
    payload === null ||
    !('messages' in payload) ||
    !Array.isArray(payload.messages)
  )
    return false;
  return payload.messages.some(
    (message) => typeof message === 'string' && message.length > base64urlLength(limits.messageBytes),
  );
}
