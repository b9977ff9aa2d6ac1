import { closingFrame, errorAck, syncedFrame, type ErrorAck } from '@wisp/protocol';
import { io } from 'socket.io-client';

const PATIENCE_MS = 20_000;
const TRIES = 5;

/** A socket that sends whatever it is told to. */
export interface FrameSocket {
  /** The ack, whatever it is; fails when there is none. */
  ask(event: string, ...payloads: unknown[]): Promise<unknown>;
  /** Resolves when the gateway has closed it. */
  closed: Promise<void>;
  leave(): void;
}

/** Opens one with this `auth`; a refusal is returned as it came, null where the line was closed without one. */
export async function openFrameSocket(url: string, auth: unknown): Promise<FrameSocket | ErrorAck | null> {
  for (let left = TRIES; ; left -= 1) {
    const opened = await tryToOpen(url, auth);
    // On a busy machine the gateway may not get to the log in time: it says so, and engines come again.
    const isBusy = opened !== null && 'code' in opened && opened.code === 'unavailable';
    if (!isBusy || left === 1) return opened;
  }
}

function tryToOpen(url: string, auth: unknown): Promise<FrameSocket | ErrorAck | null> {
  const socket = io(url, {
    auth: (send) => send(auth as Record<string, unknown>),
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  const closed = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
  return new Promise((resolve, reject) => {
    socket.once('connect_error', (error) => {
      socket.disconnect();
      const refusal = errorAck.safeParse('data' in error ? error.data : undefined);
      if (refusal.success) resolve(refusal.data);
      else reject(error);
    });
    socket.once(closingFrame.event, (closing) => resolve(closingFrame.payload.parse(closing)));
    void closed.then(() => resolve(null));
    socket.once(syncedFrame.event, () =>
      resolve({
        ask: (event, ...payloads) => socket.timeout(PATIENCE_MS).emitWithAck(event, ...payloads),
        closed,
        leave: () => void socket.disconnect(),
      }),
    );
  });
}
