import { hintFrame } from '@wisp/protocol';
import type { ConnectedSocket } from './connected-socket.js';

/** Log frames are dropped above this many bytes that a socket hasn't taken; it syncs once it has. */
const LAGGING_BYTES = 256 * 1024;
/** A socket is cut off above this, or after this long above the first bound (server §4). */
const HOPELESS_BYTES = 1024 * 1024;
const HOPELESS_MS = 30_000;

/** Watches how much each socket has yet to take. */
export class SlowConsumers {
  private readonly lagging = new Map<ConnectedSocket, number>();

  constructor(private readonly now: () => number) {}

  /** May a log frame be written to this socket now? */
  takes(socket: ConnectedSocket): boolean {
    if (socket.data.isLagging) return false;
    const bytes = unsentBytes(socket);
    if (bytes <= LAGGING_BYTES) return true;
    socket.data.isLagging = true;
    this.lagging.set(socket, this.now());
    return false;
  }

  /** Call it a few times a second: those that have caught up sync, hopeless ones are cut off. */
  check(): void {
    for (const [socket, since] of this.lagging) {
      const bytes = unsentBytes(socket);
      if (!socket.connected) this.lagging.delete(socket);
      else if (bytes > HOPELESS_BYTES || this.now() - since > HOPELESS_MS) {
        this.lagging.delete(socket);
        socket.disconnect(true);
      } else if (bytes === 0) {
        this.lagging.delete(socket);
        socket.data.isLagging = false;
        socket.emit(hintFrame.event, { within: 0 });
      }
    }
  }
}

/**
 * Bytes that this socket has yet to take: those in the WebSocket's own buffer, and the packets that Engine.IO holds
 * back until that one is empty, which are all but the first of a line that stands still.
 */
function unsentBytes(socket: ConnectedSocket): number {
  const { conn }: { conn: object } = socket;
  const held = 'writeBuffer' in conn && Array.isArray(conn.writeBuffer) ? conn.writeBuffer : [];
  return held.reduce<number>((sum, packet) => sum + lengthOf(packet), bufferedBytes(socket.conn.transport));
}

function bufferedBytes(transport: object): number {
  if (!('socket' in transport)) return 0;
  const webSocket = transport.socket;
  if (typeof webSocket !== 'object' || webSocket === null || !('bufferedAmount' in webSocket)) return 0;
  return typeof webSocket.bufferedAmount === 'number' ? webSocket.bufferedAmount : 0;
}

function lengthOf(packet: unknown): number {
  if (typeof packet !== 'object' || packet === null || !('data' in packet)) return 0;
  return typeof packet.data === 'string' ? packet.data.length : 0;
}
