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

/** Every frame is checked by its schema; whatever is wrong gets an error ack and the connection lives. */
export function listenToFrames(
  socket: ConnectedSocket,
  handlers: FrameHandlers,
  onFault: (error: unknown) => void,
): void {
  const known = new Set<string>(clientFrames.map(({ event }) => event));
  socket.onAny((event: string, ...args: unknown[]) => {
    if (!known.has(event)) replyTo(args)?.(refuse('malformed', { field: 'event' }).error);
  });
  const listen = <Frame extends ClientFrame>(
    frame: Frame,
    handle: (socket: ConnectedSocket, payload: z.output<Frame['payload']>) => Promise<FrameAnswer<Frame>>,
  ): void => {
    const answer = async (payload: unknown): Promise<FrameAnswer<Frame>> => {
      const parsed = frame.payload.safeParse(payload);
      if (parsed.success) return handle(socket, parsed.data as z.output<Frame['payload']>);
      return refuse(isTooLarge(payload) ? 'too-large' : 'malformed', {
        field: parsed.error.issues[0]?.path.join('.') ?? '',
      });
    };
    socket.on(frame.event, (...args: unknown[]) => {
      void answer(args[0])
        .catch((error: unknown) => {
          onFault(error);
          return refuse('internal');
        })
        .then((result) => replyTo(args)?.('ack' in result ? result.ack : result.error));
    });
  };
  listen(appendFrame, handlers.append);
  listen(syncFrame, handlers.sync);
  listen(ackFrame, handlers.ack);
  listen(watchFrame, handlers.watch);
  listen(typingFrame, handlers.typing);
  listen(presenceFrame, handlers.presence);
  listen(renewFrame, handlers.renew);
}

function replyTo(args: unknown[]): ((answer: unknown) => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (answer) => void Reflect.apply(last, undefined, [answer]) : undefined;
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
