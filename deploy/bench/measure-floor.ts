import { findFreePort, startPostgres } from '@wisp/deploy-local/parts';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { WebSocket } from 'ws';
import type { Endings } from './endings.js';
import { readMachineTime, readProcessorTime, sumOf, timeBetween, type Part } from './processor-time.js';

export interface FloorOptions {
  readonly endings: Endings;
  /** PostgreSQL's, with the log's tables in it. */
  readonly folder: string;
  readonly password: string;
  readonly connections: number;
  /** Messages a second, one after the other. */
  readonly rates: readonly number[];
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** A message as the log keeps it, and as it travels in either direction. */
  readonly bytes: { readonly body: number; readonly sent: number; readonly delivered: number };
}

export interface Floor {
  readonly rate: number;
  /** Processor time for each message. */
  readonly microseconds: number;
  readonly ofPostgres: number;
  /** The share of the machine that neither the server nor this process used. */
  readonly others: number;
}

interface FloorServer {
  readonly parts: readonly Part[];
  readonly sockets: readonly WebSocket[];
  /** Messages that have come back so far. */
  received: number;
}

const STEP_MS = 2;
/** Node compiles what runs often: the first load shall not pay for that. */
const FIRST = { rate: 1_000, ms: 4_000 };

/** What the bare work costs on this machine: nothing of Wisp runs but its PostgreSQL. */
export async function measureFloor(options: FloorOptions): Promise<Floor[]> {
  const server = await startFloorServer(options);
  const message = Buffer.alloc(options.bytes.sent, 'x');
  await sendAtRate(server, { message, rate: FIRST.rate }, () => pause(FIRST.ms));
  const floors: Floor[] = [];
  for (const rate of options.rates) {
    await sendAtRate(server, { message, rate }, async () => {
      await pause(options.warmUpMs);
      floors.push({ rate, ...(await measureWork(server, options.measureMs)) });
    });
  }
  return floors;
}

async function startFloorServer(options: FloorOptions): Promise<FloorServer> {
  const { endings, folder, password, bytes } = options;
  const postgres = await startPostgres({ folder, password, port: await findFreePort() });
  endings.add(() => postgres.stop());
  const url = new URL(postgres.adminUrl);
  url.pathname = '/wisp';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query('create table messages.floor_entries (like messages.entries including all)');
  await client.end();
  const program = fileURLToPath(new URL('floor-server.ts', import.meta.url));
  const child = fork(program, [url.href, String(bytes.body), String(bytes.delivered)]);
  endings.add(async () => {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    else child.kill();
    await exited;
  });
  const [port] = (await once(child, 'message')) as [number];

  const sockets: WebSocket[] = [];
  const server: FloorServer = {
    parts: [
      { name: 'postgres', pid: postgres.pid },
      { name: 'node', pid: child.pid ?? 0 },
    ],
    sockets,
    received: 0,
  };
  for (let index = 0; index < options.connections; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.on('message', () => (server.received += 1));
    sockets.push(socket);
  }
  return server;
}

async function sendAtRate(
  { sockets }: FloorServer,
  { message, rate }: { message: Buffer; rate: number },
  meanwhile: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) / 1_000) * rate; sent < due; sent += 1)
      sockets[sent % sockets.length]?.send(message);
  }, STEP_MS);
  await meanwhile();
  clearInterval(timer);
}

async function measureWork(server: FloorServer, ms: number): Promise<Omit<Floor, 'rate'>> {
  const mark = async () => {
    const { user, system } = process.cpuUsage();
    const [time, machine] = await Promise.all([readProcessorTime(server.parts), readMachineTime()]);
    return {
      time,
      machine: machine - (user + system) / 1_000,
      at: performance.now(),
      received: server.received,
    };
  };
  const before = await mark();
  await pause(ms);
  const after = await mark();
  const used = timeBetween(before.time, after.time);
  const messages = after.received - before.received;
  return {
    microseconds: (sumOf(used) * 1_000) / messages,
    ofPostgres: ((used.get('postgres') ?? 0) * 1_000) / messages,
    others: (after.machine - before.machine - sumOf(used)) / (after.at - before.at) / availableParallelism(),
  };
}
