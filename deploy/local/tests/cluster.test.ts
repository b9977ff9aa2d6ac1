import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCluster, type Cluster } from '@wisp/deploy-local';
import { isAlive, temporaryFolder, untilGone } from './launcher.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cluster: Cluster;

beforeAll(async () => {
  folder = await temporaryFolder();
  cluster = await startCluster({ dataFolder: folder.path, quiet: true, messageServices: 3 });
});

afterAll(async () => {
  await cluster.stop();
  await folder.remove();
});

const kidsOf = async () => {
  const answer = await fetch(`${cluster.url}/api/auth/jwks`);
  return (await answer.json()) as unknown;
};

describe('a cluster', () => {
  test('is a process for each part, as many replicas as asked for', () => {
    expect(cluster.processes.map(({ name }) => name).sort()).toEqual([
      'auth-service',
      'caddy',
      'gateway-1',
      'gateway-2',
      'group-service',
      'message-service-1',
      'message-service-2',
      'message-service-3',
      'nats',
      'postgres',
      'redis',
    ]);
    expect(new Set(cluster.processes.map(({ pid }) => pid)).size).toBe(11);
    expect(() => cluster.process('gateway-3')).toThrow('no gateway-3');
  });

  test.each([
    'gateway-1',
    'message-service-2',
    'group-service',
    'auth-service',
    'redis',
    'nats',
    'caddy',
    'postgres',
  ])('%s is started again after a kill -9, on its old port', async (name) => {
    const before = await kidsOf();
    const process = cluster.process(name);
    const { pid, port } = process;
    await process.kill();
    expect(isAlive(pid)).toBe(false);
    await process.ready();
    expect(process.pid).not.toBe(pid);
    expect(process.port).toBe(port);
    expect(isAlive(process.pid)).toBe(true);
    expect(await kidsOf()).toEqual(before);
  });

  test('stops whole', async () => {
    const extra = await temporaryFolder();
    const other = await startCluster({
      dataFolder: extra.path,
      quiet: true,
      gateways: 1,
      messageServices: 1,
    });
    const pids = other.processes.map(({ pid }) => pid);
    await other.stop();
    await Promise.all(pids.map(untilGone));
    await expect(fetch(other.url)).rejects.toThrow();
    await extra.remove();
  });
});
