import type { HttpOperation, ResponseOf, ServerFrame } from '@wisp/protocol';
import { Agent, createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import type { z } from 'zod';
import { lieBook, type Asked, type Lies } from './lies.js';
import { writePacket } from './packets.js';
import { relayHttp } from './relay-http.js';
import { relaySocket, type SocketRelay } from './relay-socket.js';

/**
 * A server as hostile as a test wants it: it stands between engines and the real one, passes everything in both
 * directions, and lies where it is told to. Engines take its `url` for their server's.
 */
export interface HostileProxy extends Lies {
  readonly url: string;
  /** Every answer of an operation so far as the server gave it: what a later forgery is made of. */
  answersOf<const Operation extends HttpOperation>(
    operation: Operation,
  ): { asked: Asked; answer: ResponseOf<Operation> }[];
  /** Every frame of a kind so far as the server sent it. */
  framesOf<const Frame extends ServerFrame>(frame: Frame): z.output<Frame['payload']>[];
  /** Sends every connected engine a frame that the server never sent. Throws when nobody is connected. */
  push<const Frame extends ServerFrame>(frame: Frame, payload: z.input<Frame['payload']>): void;
  /** Sends every connected engine a text that no schema has seen. Throws when nobody is connected. */
  pushText(text: string): void;
  /** Ends every socket, as a gateway's death does. */
  dropSockets(): void;
  /** Throws what went wrong with the proxy itself. */
  close(): Promise<void>;
}

/** Opens a proxy on loopback before the server at `target`. */
export async function openHostileProxy(target: string): Promise<HostileProxy> {
  const lies = lieBook();
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<SocketRelay>();
  const answers = new Map<string, { asked: Asked; answer: unknown }[]>();
  const frames = new Map<string, unknown[]>();
  const faults: unknown[] = [];
  const http = createServer((near, response) => {
    const relay = relayHttp({ target: new URL(target), agent, lies, onAnswered: noteAnswer }, near, response);
    relay.catch((error: unknown) => {
      // Where the engine or the server has gone there is nobody to answer; anything else is a fault of the test.
      if (!isLostLine(error)) faults.push(error);
      response.destroy();
    });
  });
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  function noteAnswer({ name }: HttpOperation, asked: Asked, answer: unknown): void {
    answers.set(name, [...(answers.get(name) ?? []), { asked, answer }]);
  }

  function push(text: string): void {
    if (sockets.size === 0) throw new Error('no engine is connected');
    for (const socket of sockets) socket.push(text);
  }

  http.on('upgrade', (request, socket, head) => {
    upgrades.handleUpgrade(request, socket, head, (near) => {
      const url = new URL(request.url ?? '/', target.replace(/^http/, 'ws'));
      const relay = relaySocket({
        near,
        target: url,
        lies,
        onHeard: (event, payload) => frames.set(event, [...(frames.get(event) ?? []), payload]),
        onClosed: () => sockets.delete(relay),
      });
      sockets.add(relay);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    ...lies,
    url: `http://127.0.0.1:${address.port}`,
    // Noted under the operation's or frame's own name after its schema had read it.
    answersOf: <const Operation extends HttpOperation>({ name }: Operation) =>
      (answers.get(name) ?? []) as { asked: Asked; answer: ResponseOf<Operation> }[],
    framesOf: <const Frame extends ServerFrame>({ event }: Frame) =>
      (frames.get(event) ?? []) as z.output<Frame['payload']>[],
    push: ({ event }, payload) => push(writePacket({ kind: 'event', id: null, event, payload })),
    pushText: push,
    dropSockets() {
      for (const socket of [...sockets]) socket.close();
    },
    async close() {
      for (const socket of [...sockets]) socket.close();
      agent.destroy();
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      });
      if (faults.length > 0) throw new AggregateError(faults, 'the proxy failed');
    },
  };
}

function isLostLine(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
