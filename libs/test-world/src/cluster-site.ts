import { startCluster } from '@wisp/deploy-local';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Site } from './site.js';

/**
 * A process for each part: PostgreSQL, NATS, Redis, auth and group, message-services, two gateways, Caddy in front. It
 * runs what `node deploy/build.mjs` has built, the pages too.
 */
export async function openClusterSite(options: { messageServices: number }): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'wisp-world-'));
  // Run as root, PostgreSQL is another user, who has to get to its data.
  await chmod(folder, 0o755);
  const cluster = await startCluster({
    dataFolder: folder,
    messageServices: options.messageServices,
    quiet: true,
    registrationsPerHour: 100_000,
  });
  const databaseUrl = new URL(cluster.adminUrl);
  databaseUrl.pathname = '/wisp';
  const url = new URL(cluster.url);
  url.hostname = '127.0.0.1';
  return {
    url: url.origin,
    databaseUrl: databaseUrl.href,
    mortals: cluster.processes.map(({ name }) => name),
    logs: join(folder, 'logs'),
    kill: (mortal) => cluster.process(mortal).kill(),
    async recovers() {
      for (const process of cluster.processes) await process.ready();
    },
    async stop() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
