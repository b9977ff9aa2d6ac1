import type { Broker } from '@wisp/bus';
import { makeSecrets, provisionDatabase, startEmbedded } from '@wisp/deploy-local';
import { createLogger } from '@wisp/service-kit';
import { randomUUID } from 'node:crypto';
import type { Site } from './site.js';

export interface EmbeddedSiteOptions {
  webFolder: string | null;
  /** Side by side; of several, one can be killed. */
  messageServices: number;
  /** To speak on the bus besides the services. */
  broker?: Broker;
}

const SPARE = 'message-service';

/** All services in this process, on the in-process bus and a database of its own in the tests' PostgreSQL. */
export async function openEmbeddedSite(options: EmbeddedSiteOptions): Promise<Site> {
  const { webFolder, messageServices, broker } = options;
  const adminUrl = process.env.WISP_TEST_POSTGRES_URL;
  if (adminUrl === undefined)
    throw new Error('WISP_TEST_POSTGRES_URL is missing: run the tests by `npm test` or `npm run jest`');
  const database = `world_${randomUUID().replaceAll('-', '')}`;
  const roles = (['auth', 'groups', 'messages'] as const).map((name) => ({ name, password: 'world' }));
  const wisp = await startEmbedded({
    port: 0,
    databases: await provisionDatabase(adminUrl, { database, roles }),
    secrets: makeSecrets(),
    webFolder,
    messageServices,
    ...(broker && { broker }),
    registrationsPerHour: 100_000,
    logger: createLogger({
      service: 'world',
      level: process.env.WISP_TEST_LOG === 'true' ? 'info' : 'silent',
    }),
  });
  const databaseUrl = new URL(adminUrl);
  databaseUrl.pathname = `/${database}`;
  return {
    url: `http://127.0.0.1:${wisp.port}`,
    databaseUrl: databaseUrl.href,
    mortals: messageServices > 1 ? [SPARE] : [],
    logs: null,
    async kill(mortal) {
      if (mortal !== SPARE) throw new Error(`${mortal} is no process of its own here`);
      await wisp.killMessageService();
    },
    // A killed one has its successor by the time `kill` resolves.
    recovers: async () => undefined,
    async stop() {
      await wisp.drain();
      await wisp.stop();
    },
  };
}
