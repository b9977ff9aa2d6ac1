// `npm run bench`: what a message costs the server, how fast it goes, what a connection holds. On loopback, bounded,
// stops by itself; its figures with their command stand in docs/performance.md.
import { connectNats } from '@wisp/bus';
import { startCluster, type Cluster } from '@wisp/deploy-local';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { registerAccounts, type Account } from './accounts.js';
import { openConnection } from './connection.js';
import { createConversations } from './conversations.js';
import type { End } from './lane.js';
import { measureFloor } from './measure-floor.js';
import { measureIdleConnections } from './measure-idle-connections.js';
import { measureLoad, type Measured } from './measure-load.js';
import { printFloor, printIdle, printLoad, printProcesses } from './report.js';
import { sealedMessage } from './sealed-message.js';

const CONNECTIONS = 200;
const RATES = [100, 400, 1_000, 4_000];
const WARM_UP_MS = 4_000;
const MEASURE_MS = 15_000;
const IDLE_CONNECTIONS = 2_000;
/** Accounts may send 1,200 messages a minute: after this long none has sent any. */
const ALLOWANCE_MS = 61_000;
/** Around a body: the frame's names and ids, out and in. */
const SENT_EXTRA = 100;
const DELIVERED_EXTRA = 250;

const folder = await mkdtemp(join(tmpdir(), 'wisp-bench-'));

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

try {
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
  console.log('Starting a cluster: two message-services, two gateways …');
  const cluster = await startCluster({
    dataFolder: join(folder, 'data'),
    quiet: true,
    logLevel: 'warn',
    registrationsPerHour: 1_000_000,
  });
  const password = decodeURIComponent(new URL(cluster.adminUrl).password);
  const loads: Measured[] = [];
  try {
    console.log(`Registering ${CONNECTIONS} people, opening ${CONNECTIONS} connections …`);
    const accounts = await registerAccounts(cluster.url, CONNECTIONS);
    printIdle(await measureIdleConnections(cluster, { accounts, count: IDLE_CONNECTIONS }));

    const ends = await openEnds(cluster, accounts);
    const times = { warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };
    for (const rate of [...RATES, 'full'] as const) {
      if (rate === 'full') await pause(ALLOWANCE_MS);
      const load = await measureLoad(cluster, { ...times, ends, rate });
      loads.push(load);
      printLoad(load);
    }
    printProcesses(loads);
    await Promise.all(ends.map(({ connection }) => connection.close()));
  } finally {
    await cluster.stop();
  }

  const body = sealedMessage(randomBytes(16), 1).length;
  const text = Math.ceil((body * 4) / 3);
  for (const rate of RATES) {
    const floor = await measureFloor({
      folder: join(folder, 'data/postgres'),
      password,
      connections: CONNECTIONS,
      rate,
      warmUpMs: 2_000,
      measureMs: MEASURE_MS,
      bytes: { body, sent: text + SENT_EXTRA, delivered: text + DELIVERED_EXTRA },
    });
    printFloor(rate, floor, loads.find((load) => load.rate === rate)?.microseconds);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
