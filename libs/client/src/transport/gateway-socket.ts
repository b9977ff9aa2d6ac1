import {
  errorAck,
  PROTOCOL_VERSION,
  type ClientFrame,
  type Handshake,
  type ProblemCode,
} from '@wisp/protocol';
import { io } from 'socket.io-client';
import { Encoder } from 'socket.io-parser';
import type { z } from 'zod';
import type { Clock } from '../clock.js';
import { PacketDecoder } from './packet-decoder.js';
import { parseFrame } from './parse-frame.js';
import type { ReceivedFrame, SendResult } from './transport.js';

/** Above the bus's 5 s: who waits longer talks to nobody. */
const ACK_TIMEOUT_MS = 10_000;

export interface SocketEnd {
  /** The server's reason, where it gave one. */
  code?: ProblemCode | undefined;
  /** Seconds. */
  retryAfter?: number | undefined;
}

export interface SocketOptions {
  url: URL;
  token: string;
  since: string | undefined;
  clock: Clock;
  onFrame(frame: ReceivedFrame): void;
  /** Once, unless `close` was called. */
  onEnd(end: SocketEnd): void;
}

/** One Socket.IO connection, from its handshake to its end. It never reconnects by itself. */
export interface GatewaySocket {
  send<const Frame extends ClientFrame>(
    frame: Frame,
    payload: z.input<Frame['payload']>,
  ): Promise<SendResult<z.output<Frame['ack']>>>;
  close(): void;
}

export function openSocket(options: SocketOptions): GatewaySocket {
  const { url, token, since, clock } = options;
  const auth: Handshake = {
    token,
    protocol: PROTOCOL_VERSION,
    ...(since === undefined ? {} : { since }),
  };
  const socket = io(url.origin, {
    path: url.pathname,
    auth,
    transports: ['websocket'],
    parser: { Encoder, Decoder: PacketDecoder },
    reconnection: false,
    forceNew: true,
  });
  const unanswered = new Set<() => void>();
  let ended = false;
  let closing: SocketEnd = {};

  function end(reason: SocketEnd): void {
    if (ended) return;
    close();
    options.onEnd(reason);
  }
  function close(): void {
    ended = true;
    cancelSilence();
    socket.offAny();
    socket.disconnect();
    for (const giveUp of [...unanswered]) giveUp();
  }

  const cancelSilence = clock.after(ACK_TIMEOUT_MS, () => end({}));
  socket.on('connect_error', (error) => end(readRefusal(error)));
  socket.on('disconnect', () => end(closing));
  socket.onAny((event: string, payload: unknown) => {
    const frame = parseFrame(event, payload);
    if (!frame) return;
    if (frame.event === 'synced') cancelSilence();
    if (frame.event === 'closing') closing = { code: frame.payload.code };
    options.onFrame(frame);
  });

  return {
    close,
    send(frame, payload) {
      const checked = frame.payload.parse(payload);
      return new Promise((resolve) => {
        if (ended || !socket.connected) return resolve({ kind: 'offline' });
        const settle = (result: Parameters<typeof resolve>[0]) => {
          cancelTimeout();
          unanswered.delete(giveUp);
          resolve(result);
        };
        const giveUp = () => settle({ kind: 'in-doubt' });
        const cancelTimeout = clock.after(ACK_TIMEOUT_MS, () => {
          giveUp();
          // A gateway answers within 5 s, even if only to say no: this one is gone.
          end({});
        });
        unanswered.add(giveUp);
        socket.emit(frame.event, checked, (answer: unknown) => {
          if (!unanswered.has(giveUp)) return;
          settle(readAck(frame, answer));
        });
      });
    },
  };
}

function readAck<Frame extends ClientFrame>(
  frame: Frame,
  answer: unknown,
): SendResult<z.output<Frame['ack']>> {
  const ack = frame.ack.safeParse(answer);
  // The schema is the frame's own, so what it lets through is its ack.
  if (ack.success) return { kind: 'ok', value: ack.data as z.output<Frame['ack']> };
  const error = errorAck.safeParse(answer);
  return error.success ? { kind: 'refused', error: error.data } : { kind: 'in-doubt' };
}

/** A gateway that refuses a handshake says why in the error's `data`, in the form of an error ack. */
function readRefusal(error: Error): SocketEnd {
  const refusal = errorAck.safeParse('data' in error ? error.data : undefined);
  return refusal.success ? { code: refusal.data.code, retryAfter: refusal.data.retryAfter } : {};
}
