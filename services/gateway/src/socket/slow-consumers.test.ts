import { beforeEach, expect, test } from '@jest/globals';
import type { ConnectedSocket } from './connected-socket.js';
import { SlowConsumers } from './slow-consumers.js';

const KIB = 1024;
let now: number;
let slow: SlowConsumers;

beforeEach(() => {
  now = 0;
  slow = new SlowConsumers(() => now);
});

/** A socket with so many bytes in the WebSocket's buffer, and so many behind it in Engine.IO's. */
function line() {
  const said: string[] = [];
  const transport = { socket: { bufferedAmount: 0 } };
  const conn = { transport, writeBuffer: [] as { data: string }[] };
  const socket = {
    conn,
    connected: true,
    data: { isLagging: false },
    emit: (event: string, payload: { within: number }) => void said.push(`${event} ${payload.within}`),
    disconnect: () => void said.push('cut'),
  };
  return {
    said,
    socket: socket as unknown as ConnectedSocket,
    holds(webSocket: number, engine = 0) {
      transport.socket.bufferedAmount = webSocket;
      conn.writeBuffer = engine === 0 ? [] : [{ data: 'x'.repeat(engine) }];
    },
    leaves: () => void (socket.connected = false),
  };
}

test('above 256 kB, wherever they wait, log frames are dropped; once all is taken it syncs', () => {
  for (const [webSocket, engine] of [
    [256 * KIB + 1, 0],
    [KIB, 256 * KIB],
  ]) {
    const { socket, said, holds } = line();
    expect(slow.takes(socket)).toBe(true);
    holds(256 * KIB);
    expect(slow.takes(socket)).toBe(true);
    holds(webSocket ?? 0, engine);
    expect(slow.takes(socket)).toBe(false);
    holds(KIB);
    slow.check();
    // Half taken is not taken: what was dropped is missing until it syncs.
    expect(slow.takes(socket)).toBe(false);
    expect(said).toEqual([]);
    holds(0);
    slow.check();
    expect(said).toEqual(['hint 0']);
    expect(slow.takes(socket)).toBe(true);
    slow.check();
    expect(said).toHaveLength(1);
  }
});

test('above a megabyte it is cut off, and after half a minute', () => {
  const [much, long, gone] = [line(), line(), line()];
  for (const { socket, holds } of [much, long, gone]) {
    holds(300 * KIB);
    slow.takes(socket);
  }
  much.holds(300 * KIB, 800 * KIB);
  gone.leaves();
  now = 30_000;
  slow.check();
  expect([much.said, long.said, gone.said]).toEqual([['cut'], [], []]);
  now = 30_001;
  slow.check();
  expect([much.said, long.said, gone.said]).toEqual([['cut'], ['cut'], []]);
});
