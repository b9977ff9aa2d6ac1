import { defineConfig, serviceSettings, settings, type ConfigOf } from '@wisp/service-kit';

const DAY = 24 * 60 * 60;

/** What the service needs wherever it runs. */
const serviceOptions = {
  databaseUrl: serviceSettings.databaseUrl('messages'),
  appendConnections: {
    env: 'DATABASE_APPEND_CONNECTIONS',
    description: 'Connections to PostgreSQL for appends: batches at once.',
    schema: settings.whole(1, 50),
    default: '3',
  },
  readConnections: {
    env: 'DATABASE_READ_CONNECTIONS',
    description: 'Connections for sync, fetch and acknowledgements.',
    schema: settings.whole(1, 100),
    default: '6',
  },
  backgroundConnections: {
    env: 'DATABASE_BACKGROUND_CONNECTIONS',
    description: 'Connections for the sweeps.',
    schema: settings.whole(1, 20),
    default: '2',
  },
  unreadSeconds: {
    env: 'UNREAD_SECONDS',
    description: 'How long an after-read message waits for its readers, at most 4 weeks.',
    schema: settings.whole(60, 28 * DAY),
    default: String(28 * DAY),
  },
  commitSeconds: serviceSettings.commitSeconds,
  messageSeconds: {
    env: 'RETAIN_MESSAGES_SECONDS',
    description: 'How long messages without a timer are kept.',
    schema: settings.whole(DAY, 3_650 * DAY),
    default: String(365 * DAY),
  },
} as const;

/** What it needs besides as a process of its own. */
const processOptions = {
  port: serviceSettings.port(8083),
  host: serviceSettings.host,
  logLevel: serviceSettings.logLevel,
  trustedProxies: serviceSettings.trustedProxies,
  natsUrl: serviceSettings.natsUrl,
  natsPassword: serviceSettings.natsPassword,
  redisUrl: serviceSettings.redisUrl,
  serverId: serviceSettings.serverId,
} as const;

const options = { ...processOptions, ...serviceOptions };

export const { loadConfig, describeConfig } = defineConfig(options);
export type Config = ConfigOf<typeof options>;

/** For a process that holds several services: it has a bus, a port and tokens already. */
export const { loadConfig: loadServiceConfig } = defineConfig(serviceOptions);
export type ServiceConfig = ConfigOf<typeof serviceOptions>;
