import { defineConfig, serviceSettings, settings } from '@wisp/service-kit';

export const { loadConfig, describeConfig } = defineConfig({
  port: serviceSettings.port(8084),
  host: serviceSettings.host,
  logLevel: serviceSettings.logLevel,
  natsUrl: serviceSettings.natsUrl,
  natsPassword: serviceSettings.natsPassword,
  redisUrl: serviceSettings.redisUrl,
  serverId: serviceSettings.serverId,
  cell: {
    env: 'CELL',
    description: 'The cell of users that this gateway serves.',
    schema: settings.whole(0, 4095),
    default: '0',
  },
  handshakesPerSecond: {
    env: 'HANDSHAKES_PER_SECOND',
    description: 'New connections that are admitted a second.',
    schema: settings.whole(1, 100_000),
    default: '300',
  },
  drainSeconds: {
    env: 'DRAIN_SECONDS',
    description: 'How long sockets have to leave on SIGTERM.',
    schema: settings.whole(1, 600),
    default: '45',
  },
});

export type GatewayConfig = ReturnType<typeof loadConfig>;
