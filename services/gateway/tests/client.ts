import {
  closingFrame,
  errorAck,
  PROTOCOL_VERSION,
  serverFrames,
  syncedFrame,
  type ErrorAck,
  type ServerFrame,
} from '@wisp/protocol';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';

interface Received {
  event: string;
  payload: unknown;
}

const PATIENCE_MS = 30_000;

/** A socket as an engine has it. What it receives is checked against the protocol's schemas. */
export class Client {
  readonly received: Received[] = [];
  isConnected = false;
  private readonly listeners = new Set<() => void>();

  private constructor(private readonly socket: Socket) {
    socket.onAny((event: string, payload: unknown) => {
      const frame = serverFrames.find((one) => one.event === event);
      if (frame === undefined) throw new Error(`the gateway sent an unknown frame ${event}`);
      this.received.push({ event, payload: frame.payload.parse(payload) });
      this.look();
    });
    socket.on('connect', () => {
      this.isConnected = true;
      this.look();
    });
    socket.on('disconnect', () => {
      this.isConnected = false;
      this.look();
    });
  }

  /** Resolves with the socket after its `synced`, or with why it was refused. */
  static open(url: string, auth: Record<string, unknown>): Promise<Client | ErrorAck> {
    const socket = io(url, { auth, transports: ['websocket'], reconnection: false, forceNew: true });
    const client = new Client(socket);
    return new Promise((resolve, reject) => {
      socket.once(syncedFrame.event, () => resolve(client));
      socket.once('connect_error', (error) => {
        const parsed = errorAck.safeParse('data' in error ? error.data : undefined);
        if (parsed.success) resolve(parsed.data);
        else reject(error);
      });
      socket.once('disconnect', () => {
        const [closing] = client.payloads(closingFrame);
        if (closing) resolve(closing);
        else reject(new Error('closed before it was synced'));
      });
    });
  }

  static async connect(url: string, token: string): Promise<Client> {
    const opened = await Client.open(url, { token, protocol: PROTOCOL_VERSION });
    if (!(opened instanceof Client)) throw new Error(`refused: ${JSON.stringify(opened)}`);
    return opened;
  }

  /** The ack of a frame, whatever it is. */
  ask(event: string, ...payloads: unknown[]): Promise<unknown> {
    return this.socket.timeout(PATIENCE_MS).emitWithAck(event, ...payloads);
  }

  payloads<Frame extends ServerFrame>(frame: Frame): z.output<Frame['payload']>[] {
    return this.received
      .filter(({ event }) => event === frame.event)
      .map(({ payload }) => payload as z.output<Frame['payload']>);
  }

  /** The first such frame that fits, now or later. */
  async sees<Frame extends ServerFrame>(
    frame: Frame,
    fits: (payload: z.output<Frame['payload']>) => boolean = () => true,
  ): Promise<z.output<Frame['payload']>> {
    await this.until(() => this.payloads(frame).some(fits), frame.event);
    return this.payloads(frame).find(fits) as z.output<Frame['payload']>;
  }

  /** Resolves once the socket is gone. */
  gone(): Promise<void> {
    return this.until(() => !this.isConnected, 'the end');
  }

  leave(): void {
    this.socket.disconnect();
  }

  private look(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return;
        this.listeners.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const fail = () => {
        const seen = this.received.map(({ event }) => event).join(' ');
        reject(new Error(`waited for ${what}; ${this.isConnected ? 'connected' : 'gone'}, saw ${seen}`));
      };
      const timer = setTimeout(fail, PATIENCE_MS);
      this.listeners.add(look);
      look();
    });
  }
}
