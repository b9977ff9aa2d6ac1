import { provisionDatabase, makeSecrets, startEmbedded, type Embedded } from '@wisp/deploy-local';
import { createLogger } from '@wisp/service-kit';
import { randomUUID } from 'node:crypto';
import { Person } from './person.js';

/** The whole chat for one test file: real services on a real database, and the people in it. */
export interface World {
  url: string;
  /** Registers somebody under a name that is new to this world. */
  person(name: string): Promise<Person>;
  /** Superuser of the world's own database: to look whether something is gone. */
  databaseUrl: string;
  /** One of several message-services dies; another takes its place. */
  killMessageService(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a world on the in-process bus. */
export async function openWorld(
  options: { webFolder?: string; messageServices?: number } = {},
): Promise<World> {
  const adminUrl = process.env.WISP_TEST_POSTGRES_URL;
  if (adminUrl === undefined)
    throw new Error('WISP_TEST_POSTGRES_URL is missing: run the tests by `npm test` or `npm run jest`');
  const database = `world_${randomUUID().replaceAll('-', '')}`;
  const roles = (['auth', 'groups', 'messages'] as const).map((name) => ({ name, password: 'world' }));
  const databases = await provisionDatabase(adminUrl, { database, roles });
  const wisp: Embedded = await startEmbedded({
    port: 0,
    databases,
    secrets: makeSecrets(),
    webFolder: options.webFolder ?? null,
    messageServices: options.messageServices ?? 1,
    registrationsPerHour: 100_000,
    logger: createLogger({
      service: 'world',
      level: process.env.WISP_TEST_LOG === 'true' ? 'info' : 'silent',
    }),
  });
  const people: Person[] = [];
  const url = `http://127.0.0.1:${wisp.port}`;
  const databaseUrl = new URL(adminUrl);
  databaseUrl.pathname = `/${database}`;
  return {
    url,
    databaseUrl: databaseUrl.href,
    async person(name) {
      const person = await Person.register(url, name);
      people.push(person);
      return person;
    },
    killMessageService: () => wisp.killMessageService(),
    async close() {
      await Promise.all(people.map((person) => person.leave()));
      await wisp.drain();
      await wisp.stop();
    },
  };
}
