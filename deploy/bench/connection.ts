import { PROTOCOL_VERSION } from '@wisp/protocol';
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A socket to a gateway that costs the measuring process as little as can be: Socket.IO's frames by hand. */
export interface Connection {
  /** Sends a frame; `answered` gets its ack. */
  send(event: string, payload: string, answered: (ack: unknown) => void): void;
  /** Told each frame that comes. */
  onFrame: (event: string, payload: unknown) => void;
  close(): Promise<void>;
}

/** Engine.IO 4 and Socket.IO 5 packet types. */
const PING = '2';
const PONG = '3';
const CONNECT = '40';
const REFUSED = '44';
const EVENT = '42';
const ACK = '43';

/** Resolves once the gateway has said what is new: from then on it delivers. */
export async function openConnection(server: string, token: string): Promise<Connection> {
  const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const waiting = new Map<number, (ack: unknown) => void>();
  let number = 0;
  let isSynced = (): void => undefined;
  let isClosing = false;
  const connection: Connection = {
    send(event, payload, answered) {
      number += 1;
      waiting.set(number, answered);
      socket.send(`${EVENT}${number}["${event}",${payload}]`);
    },
    onFrame: (event) => event === 'synced' && isSynced(),
    async close() {
      isClosing = true;
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, 'close');
    },
  };
  const synced = new Promise<void>((resolve, reject) => {
    isSynced = resolve;
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`the socket was closed: ${code}`)));
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      if (text === PING) return socket.send(PONG);
      if (text.startsWith('0'))
        return socket.send(CONNECT + JSON.stringify({ token, protocol: PROTOCOL_VERSION }));
      if (text.startsWith(REFUSED)) return reject(new Error(`the gateway refused: ${text}`));
      if (text.startsWith(EVENT)) {
        const [event, payload] = JSON.parse(text.slice(EVENT.length)) as [string, unknown];
        return connection.onFrame(event, payload);
      }
      if (text.startsWith(ACK)) {
        const start = text.indexOf('[');
        const id = Number(text.slice(ACK.length, start));
        const answered = waiting.get(id);
        waiting.delete(id);
        const [ack] = JSON.parse(text.slice(start)) as [unknown];
        return answered?.(ack);
      }
    });
  });
  await synced;
  socket.once('close', (code) => {
    // Nothing that is measured from here on would mean anything.
    if (!isClosing) throw new Error(`the gateway closed a connection: ${code}`);
  });
  return connection;
}
