import { createBroker, type Broker } from '@wisp/bus';
import { createAuthService } from '@wisp/auth-service';
import { createGateway } from '@wisp/gateway';
import { createGroupService } from '@wisp/group-service';
import { createMessageService, loadServiceConfig } from '@wisp/message-service';
import { decodeBase64url } from '@wisp/protocol';
import {
  createApp,
  createLimits,
  createMetrics,
  createReadiness,
  createRevocationList,
  createTokenVerifier,
  jwksFromBus,
  listen,
  type Logger,
} from '@wisp/service-kit';
import type { LocalSecrets } from './secrets.js';
import { serveWeb } from './serve-web.js';

export interface EmbeddedOptions {
  /** 0: any free one. */
  port: number;
  /** The connection of each service's own role. */
  databases: { auth: string; groups: string; messages: string };
  secrets: Pick<LocalSecrets, 'serverId' | 'pepper' | 'saltKey' | 'signingKeysKey'>;
  /** Side by side on one database; one by default. */
  messageServices?: number;
  /** Where its services meet; tests listen in. Its own by default. */
  broker?: Broker;
  /** From one address; tests register more. */
  registrationsPerHour?: number;
  /** The built web client; null: none is served. */
  webFolder: string | null;
  logger: Logger;
}

export interface Embedded {
  port: number;
  url: string;
  /** For fault tests: one of several message-services ends in the middle, and another starts. */
  killMessageService(): Promise<void>;
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** All services in one process, on an in-process bus and one port; the code is the cluster's. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { logger, databases, secrets, webFolder } = options;
  const { serverId } = secrets;
  const { broker = createBroker() } = options;
  const connect = () => broker.connect();
  const messagesConfig = loadServiceConfig({ DATABASE_URL: databases.messages });
  const alone = { redisUrl: 'none', trustedProxies: 0, serverId };

  const auth = await createAuthService({
    bus: await connect(),
    logger,
    metrics: createMetrics({ service: 'auth-service' }),
    config: {
      databaseUrl: databases.auth,
      databaseConnections: 8,
      serverId,
      pepper: decodeBase64url(secrets.pepper),
      saltKey: decodeBase64url(secrets.saltKey),
      keyEncryptionKey: decodeBase64url(secrets.signingKeysKey),
      bcryptCost: 10,
      tokenSeconds: 600,
      // Loopback has no TLS; browsers keep cookies of localhost safe without.
      secureCookies: false,
      realtimeUrl: '/socket.io',
      registrationsPerHour: options.registrationsPerHour ?? 100,
    },
  });
  const groups = createGroupService({
    bus: await connect(),
    logger,
    config: {
      ...alone,
      databaseUrl: databases.groups,
      databaseConnections: 8,
      commitSeconds: messagesConfig.commitSeconds,
    },
  });
  await groups.start();

  const startMessages = async () => {
    const bus = await connect();
    const revocations = createRevocationList({ bus, logger });
    const service = await createMessageService({
      bus,
      logger,
      metrics: createMetrics({ service: 'message-service' }),
      readiness: createReadiness(),
      limits: createLimits(),
      verifier: createTokenVerifier({ issuer: serverId, keys: jwksFromBus(bus), revocations }),
      config: messagesConfig,
    });
    return { bus, revocations, service };
  };
  const first = await startMessages();
  const others: (typeof first)[] = [];
  for (let i = 1; i < (options.messageServices ?? 1); i += 1) others.push(await startMessages());
  const gateway = createGateway({
    bus: await connect(),
    logger,
    config: { redisUrl: 'none', serverId, cell: 0, handshakesPerSecond: 300, drainSeconds: 5 },
  });
  const app = createApp({
    logger,
    handlers: [
      auth.router,
      groups.api,
      first.service.api,
      ...(webFolder === null ? [] : [serveWeb(webFolder)]),
    ],
  });
  const http = await listen(app, { port: options.port });
  gateway.attach(http.server);
  return {
    port: http.port,
    url: `http://localhost:${http.port}`,
    async killMessageService() {
      const victim = others.shift();
      if (victim === undefined) throw new Error('there is no message-service to spare');
      // As a kill does it: its subscriptions end in the middle of whatever it does, and nobody is told.
      await victim.bus.close();
      await victim.service.drain().catch(() => undefined);
      await victim.service.stop().catch(() => undefined);
      await victim.revocations.stop().catch(() => undefined);
      others.push(await startMessages());
    },
    async drain() {
      await gateway.drain();
      await Promise.all([first, ...others].map(({ service }) => service.drain()));
      await Promise.all([groups.drain(), auth.drain()]);
    },
    async stop() {
      await gateway.stop();
      for (const { revocations, service } of [first, ...others]) {
        await revocations.stop();
        await service.stop();
      }
      await Promise.all([groups.stop(), auth.stop()]);
      await http.close(0);
    },
  };
}
