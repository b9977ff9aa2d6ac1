import { connectNats } from '@wisp/bus';
import {
  connectRedis,
  createApp,
  createHealthRoutes,
  createLimits,
  createMetrics,
  createReadiness,
  createRevocationList,
  createTokenVerifier,
  jwksFromBus,
  listen,
  observeBus,
  type Logger,
  type RunningService,
} from '@wisp/service-kit';
import type { Config } from './config.js';
import { createMessageService } from './message-service.js';

const service = 'message-service';

/** message-service as a process of its own: over NATS, with its own HTTP server. */
export async function startService({
  config,
  logger,
}: {
  config: Config;
  logger: Logger;
}): Promise<RunningService> {
  const metrics = createMetrics({ service, include: 'process' });
  const readiness = createReadiness();
  const bus = await connectNats({
    servers: config.natsUrl,
    name: service,
    user: service,
    password: config.natsPassword,
  });
  observeBus(bus, { logger, metrics });
  readiness.require('bus', () => bus.isConnected());
  const revocations = createRevocationList({ bus, logger });
  readiness.require('revocations', () => revocations.isComplete());
  const verifier = createTokenVerifier({ issuer: config.serverId, keys: jwksFromBus(bus), revocations });
  const redis = config.redisUrl === 'none' ? undefined : connectRedis({ url: config.redisUrl, logger });
  const limits = createLimits(redis ? { redis } : {});

  const messages = await createMessageService({ config, bus, verifier, limits, logger, metrics, readiness });
  const health = createHealthRoutes({ readiness, metrics });
  const app = createApp({ logger, handlers: [health, messages.api], trustedProxies: config.trustedProxies });
  const http = await listen(app, { host: config.host, port: config.port });

  return {
    async drain() {
      readiness.drain();
      await http.close();
      await messages.drain();
      await revocations.stop();
      await bus.drain();
    },
    async stop() {
      await messages.stop();
      redis?.disconnect();
    },
  };
}
