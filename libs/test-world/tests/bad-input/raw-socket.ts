import { WebSocket } from 'ws';

/** A WebSocket below Socket.IO, for what its client would never send. */
export interface RawSocket {
  send(data: string | Uint8Array): void;
  /** The first message from now on that begins like this. */
  hears(start: string): Promise<string>;
  /** Resolves when the gateway has closed it. */
  closed: Promise<void>;
  leave(): void;
}

/** Opens Engine.IO's WebSocket and waits for its greeting. */
export async function openRawSocket(url: string): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const listeners = new Set<(text: string) => void>();
  socket.on('message', (data: Buffer) => {
    for (const listener of [...listeners]) listener(data.toString());
  });
  // A line that the other side has cut.
  socket.on('error', () => undefined);
  const raw: RawSocket = {
    send: (data) => socket.send(data, () => undefined),
    hears: (start) =>
      new Promise((resolve) => {
        const listener = (text: string) => {
          if (!text.startsWith(start)) return;
          listeners.delete(listener);
          resolve(text);
        };
        listeners.add(listener);
      }),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    leave: () => socket.terminate(),
  };
  await raw.hears('0');
  return raw;
}
