import { defineConfig, serviceSettings, settings } from '@wisp/service-kit';

export const { loadConfig, describeConfig } = defineConfig({
  port: serviceSettings.port(8082),
  host: serviceSettings.host,
  logLevel: serviceSettings.logLevel,
  trustedProxies: serviceSettings.trustedProxies,
  databaseUrl: serviceSettings.databaseUrl('groups'),
  databaseConnections: {
    env: 'DATABASE_CONNECTIONS',
    schema: settings.whole(2, 100),
    default: '8',
    description: 'Connections to PostgreSQL at most.',
  },
  commitSeconds: serviceSettings.commitSeconds,
  natsUrl: serviceSettings.natsUrl,
  natsPassword: serviceSettings.natsPassword,
  redisUrl: serviceSettings.redisUrl,
  serverId: serviceSettings.serverId,
});

export type Config = ReturnType<typeof loadConfig>;
