import { findFreePort, startPostgres } from '@wisp/deploy-local/parts';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { WebSocket } from 'ws';
import { readProcessorTime, sumOf, timeBetween } from './processor-time.js';

export interface FloorOptions {
  /** PostgreSQL's, with the log's tables in it. */
  readonly folder: string;
  readonly password: string;
  readonly connections: number;
  /** Messages a second. */
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** A message as the log keeps it, and as it travels in either direction. */
  readonly bytes: { readonly body: number; readonly sent: number; readonly delivered: number };
}

export interface Floor {
  /** Processor time for each message. */
  readonly microseconds: number;
  readonly ofPostgres: number;
}

const STEP_MS = 2;

/** What the bare work costs on this machine: nothing of Wisp runs but its PostgreSQL. */
export async function measureFloor(options: FloorOptions): Promise<Floor> {
  const { folder, password, bytes, rate, warmUpMs, measureMs } = options;
  const postgres = await startPostgres({ folder, password, port: await findFreePort() });
  const url = new URL(postgres.adminUrl);
  url.pathname = '/wisp';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query('create table messages.floor_entries (like messages.entries including all)');
  const program = fileURLToPath(new URL('floor-server.ts', import.meta.url));
  const server = fork(program, [url.href, String(bytes.body), String(bytes.delivered)]);
  const [port] = (await once(server, 'message')) as [number];

  const sockets: WebSocket[] = [];
  let received = 0;
  for (let index = 0; index < options.connections; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.on('message', () => (received += 1));
    sockets.push(socket);
  }
  const message = Buffer.alloc(bytes.sent, 'x');
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) / 1_000) * rate; sent < due; sent += 1)
      sockets[sent % sockets.length]?.send(message);
  }, STEP_MS);

  const parts = [
    { name: 'postgres', pid: postgres.pid },
    { name: 'node', pid: server.pid ?? 0 },
  ];
  await pause(warmUpMs);
  const before = { time: await readProcessorTime(parts), received };
  await pause(measureMs);
  const used = timeBetween(before.time, await readProcessorTime(parts));
  const messages = received - before.received;
  clearInterval(timer);
  for (const socket of sockets) socket.terminate();
  await client.query('drop table messages.floor_entries');
  await client.end();
  server.disconnect();
  await once(server, 'exit');
  await postgres.stop();
  return {
    microseconds: (sumOf(used) * 1_000) / messages,
    ofPostgres: ((used.get('postgres') ?? 0) * 1_000) / messages,
  };
}
