import { randomBytes, randomUUID } from 'node:crypto';
import { createAuthService } from '@wisp/auth-service';
import { createBroker } from '@wisp/bus';
import { encodeBase64url, serverId } from '@wisp/protocol';
import { createApp, createLogger, createMetrics, listen } from '@wisp/service-kit';
import pg from 'pg';

export interface RealAuth {
  readonly baseUrl: string;
  /** As the database's owner, to look at what is stored. */
  query(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The real auth-service on a database of its own and the in-process bus. */
export async function realAuth(): Promise<RealAuth> {
  const database = await createDatabase();
  const bus = await createBroker().connect();
  const logger = createLogger({ service: 'auth-service', level: 'error' });
  const service = await createAuthService({
    config: {
      databaseUrl: database.url,
      databaseConnections: 5,
      serverId: serverId.parse(randomUUID()),
      pepper: randomBytes(32),
      saltKey: randomBytes(32),
      keyEncryptionKey: randomBytes(32),
      bcryptCost: 4,
      tokenSeconds: 900,
      secureCookies: false,
      realtimeUrl: '/socket.io',
      registrationsPerHour: 1000,
    },
    bus,
    logger,
    metrics: createMetrics({ service: 'auth-service' }),
  });
  const http = await listen(createApp({ logger, handlers: [service.router] }), { port: 0 });
  return {
    baseUrl: `http://127.0.0.1:${http.port}`,
    query: database.query,
    async close() {
      await http.close();
      await service.drain();
      await bus.drain();
      await service.stop();
      await database.drop();
    },
  };
}

async function createDatabase() {
  const adminUrl = process.env['WISP_TEST_POSTGRES_URL'];
  if (!adminUrl) throw new Error('WISP_TEST_POSTGRES_URL: jest sets it');
  const name = `client_${encodeBase64url(randomBytes(9)).toLowerCase().replaceAll('-', '_')}`;
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query(`CREATE DATABASE "${name}"`);
  const url = new URL(adminUrl);
  url.pathname = name;
  return {
    url: url.href,
    async query(text: string) {
      const client = new pg.Client(url.href);
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text)).rows;
      } finally {
        await client.end();
      }
    },
    async drop() {
      await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
      await admin.end();
    },
  };
}
