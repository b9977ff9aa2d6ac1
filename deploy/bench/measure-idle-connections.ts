import type { Cluster } from '@wisp/deploy-local';
import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './accounts.js';
import { openConnection, type Connection } from './connection.js';
import { serverParts } from './measure-load.js';
import { readMemory, readProcessorTime, sumOf, timeBetween } from './processor-time.js';

export interface IdleConnections {
  readonly count: number;
  /** Resident bytes for each connection, by kind of process. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Processor time a second of the server without any load. */
  readonly idleMs: number;
}

const AT_ONCE = 20;
const IDLE_MS = 5_000;
/** Node tidies up when it has had nothing to do for some eight seconds. */
const SETTLE_MS = 20_000;

/**
 * Opens many connections that say nothing, several for each account, and reads what the server's processes grow by
 * beyond the first of them, which pay for code, buffers and the garbage of beginnings.
 */
export async function measureIdleConnections(
  cluster: Cluster,
  { accounts, count }: { accounts: readonly Account[]; count: number },
): Promise<IdleConnections> {
  const parts = serverParts(cluster);
  const first = await openMany(cluster.url, accounts, count / 2);
  await pause(SETTLE_MS);
  const before = await readMemory(parts);
  const opened = await openMany(cluster.url, accounts, count);
  await pause(SETTLE_MS);
  const after = await readMemory(parts);
  await closeAll([...first, ...opened]);
  await pause(IDLE_MS);
  const timeBefore = await readProcessorTime(parts);
  await pause(IDLE_MS);
  const idle = timeBetween(timeBefore, await readProcessorTime(parts));
  const grown = timeBetween(before, after);
  return {
    count,
    bytes: new Map([...grown].map(([name, bytes]) => [name, bytes / count])),
    idleMs: sumOf(idle) / (IDLE_MS / 1_000),
  };
}

async function openMany(url: string, accounts: readonly Account[], count: number): Promise<Connection[]> {
  const tokens = Array.from({ length: count }, (_, index) => accounts[index % accounts.length]?.token ?? '');
  const opened: Connection[] = [];
  const work = async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop())
      opened.push(await openConnection(url, token));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return opened;
}

async function closeAll(connections: readonly Connection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}
