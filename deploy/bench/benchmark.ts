import { connectNats } from '@wisp/bus';
import { startCluster, type Cluster } from '@wisp/deploy-local';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { registerAccounts, type Account } from './accounts.js';
import { openConnection } from './connection.js';
import { createConversations } from './conversations.js';
import type { Endings } from './endings.js';
import type { End } from './lane.js';
import { measureBrowsers } from './measure-browsers.js';
import { measureFloor } from './measure-floor.js';
import { measureIdleConnections } from './measure-idle-connections.js';
import { measureLoad, warmUp, type Measured } from './measure-load.js';
import { sealedMessage } from './sealed-message.js';
import type { Wish } from './read-wish.js';
import {
  printBrowsers,
  printFloor,
  printIdle,
  printLoad,
  printLoadsHead,
  printNote,
  printProcesses,
} from './report.js';

/** Accounts may send 1,200 messages a minute: after this long none has sent any. */
const ALLOWANCE_MS = 61_000;
/** Around a body: the frame's names and ids, out and in. */
const SENT_EXTRA = 100;
const DELIVERED_EXTRA = 250;

export interface Run {
  readonly endings: Endings;
  /** Ends a start. */
  readonly signal: AbortSignal;
}

/** Measures what is wished for and prints it. What it starts, it leaves in `endings`. */
export async function benchmark(wish: Wish, run: Run): Promise<void> {
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
  const folder = await mkdtemp(join(tmpdir(), 'wisp-bench-'));
  run.endings.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // Run as root, PostgreSQL is another user, who has to get to its data.
  await chmod(folder, 0o755);

  const cluster = await openCluster(wish, run, folder);
  let loads: Measured[] = [];
  if (wish.measures.has('browsers')) printBrowsers(await measureBrowsers(cluster.url, { ...run, ...wish }));
  if (wish.measures.has('idle') || wish.measures.has('load')) {
    console.log(`Registering ${wish.connections} people …`);
    const accounts = await registerAccounts(cluster.url, wish.connections);
    if (wish.measures.has('idle'))
      printIdle(await measureIdleConnections(cluster, { accounts, count: wish.idleConnections }));
    if (wish.measures.has('load')) loads = await measureLoads(cluster, wish, accounts);
  }
  const password = decodeURIComponent(new URL(cluster.adminUrl).password);
  await cluster.stop();
  if (wish.measures.has('floor')) {
    const body = sealedMessage(randomBytes(16), 1).length;
    const text = Math.ceil((body * 4) / 3);
    const floors = await measureFloor({
      ...wish,
      endings: run.endings,
      folder: join(folder, 'data/postgres'),
      password,
      bytes: { body, sent: text + SENT_EXTRA, delivered: text + DELIVERED_EXTRA },
    });
    printFloor(floors, loads);
  }
  printNote();
}

async function openCluster(wish: Wish, { endings, signal }: Run, folder: string): Promise<Cluster> {
  console.log('Starting a cluster: two message-services, two gateways …');
  const profiles = wish.profiles === undefined ? undefined : resolve(wish.profiles);
  if (profiles !== undefined) await mkdir(profiles, { recursive: true });
  const starting = startCluster({
    dataFolder: join(folder, 'data'),
    quiet: true,
    logLevel: 'warn',
    registrationsPerHour: 1_000_000,
    signal,
    ...(profiles === undefined ? {} : { nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${profiles}`] }),
  });
  endings.add(async () => {
    // A start that failed has ended what it began.
    const started = await starting.catch(() => undefined);
    await started?.stop();
  });
  return starting;
}

async function measureLoads(cluster: Cluster, wish: Wish, accounts: readonly Account[]): Promise<Measured[]> {
  const ends = await openEnds(cluster, accounts);
  await warmUp(ends);
  printLoadsHead();
  const loads: Measured[] = [];
  for (const rate of [...wish.rates, ...(wish.withSaturation ? (['full'] as const) : [])]) {
    if (rate === 'full') await pause(ALLOWANCE_MS);
    const load = await measureLoad(cluster, { ...wish, ends, rate });
    loads.push(load);
    printLoad(load);
  }
  printProcesses(loads);
  await Promise.all(ends.map(({ connection }) => connection.close()));
  return loads;
}

async function openEnds(cluster: Cluster, accounts: readonly Account[]): Promise<End[]> {
  const { servers, passwords } = cluster.bus;
  const user = 'group-service';
  const bus = await connectNats({ servers, name: user, user, password: passwords[user] });
  const pairs = await createConversations(bus, accounts);
  await bus.drain();
  const ends: End[] = [];
  for (const { conversation, people } of pairs) {
    const [first, second] = people;
    const here = await openConnection(cluster.url, first.token);
    const there = await openConnection(cluster.url, second.token);
    ends.push({ account: first, conversation, connection: here, peer: there, sent: 0 });
    ends.push({ account: second, conversation, connection: there, peer: here, sent: 0 });
  }
  return ends;
}
