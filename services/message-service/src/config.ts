import { serverId } from '@wisp/protocol';
import { defineConfig, settings, type ConfigOf } from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';

const DAY = 24 * 60 * 60;

/** What the service needs wherever it runs. */
const serviceOptions = {
  databaseUrl: {
    env: 'DATABASE_URL',
    description: 'PostgreSQL, as the role that owns the schema `messages`.',
    schema: settings.url('postgres', 'postgresql'),
    secret: true,
  },
  migrationsFolder: {
    env: 'MIGRATIONS_FOLDER',
    description: 'The folder of the SQL files.',
    schema: settings.text(),
    default: fileURLToPath(new URL('../migrations', import.meta.url)),
  },
  appendConnections: {
    env: 'APPEND_CONNECTIONS',
    description: 'Connections to PostgreSQL for appends: batches at once.',
    schema: settings.whole(1, 50),
    default: '3',
  },
  readConnections: {
    env: 'READ_CONNECTIONS',
    description: 'Connections for sync, fetch and acknowledgements.',
    schema: settings.whole(1, 100),
    default: '6',
  },
  backgroundConnections: {
    env: 'BACKGROUND_CONNECTIONS',
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
  commitSeconds: {
    env: 'RETAIN_COMMITS_SECONDS',
    description: 'How long commits are kept.',
    schema: settings.whole(DAY, 3_650 * DAY),
    default: String(90 * DAY),
  },
  messageSeconds: {
    env: 'RETAIN_MESSAGES_SECONDS',
    description: 'How long messages without a timer are kept.',
    schema: settings.whole(DAY, 3_650 * DAY),
    default: String(365 * DAY),
  },
} as const;

/** What it needs besides as a process of its own. */
const processOptions = {
  host: {
    env: 'HOST',
    description: 'The interface that HTTP listens on.',
    schema: settings.text(),
    default: '127.0.0.1',
  },
  port: { env: 'PORT', description: 'The port of HTTP.', schema: settings.port(), default: '8083' },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'debug, info, warn, error or silent.',
    schema: settings.logLevel(),
    default: 'info',
  },
  trustedProxies: {
    env: 'TRUSTED_PROXIES',
    description: 'How many proxies of yours stand in front.',
    schema: settings.whole(0, 10),
    default: '0',
  },
  serverId: { env: 'WISP_SERVER_ID', description: "The installation's id, a UUID.", schema: serverId },
  natsUrl: { env: 'NATS_URL', description: 'The broker.', schema: settings.url('nats', 'tls') },
  natsPassword: {
    env: 'NATS_PASSWORD',
    description: "This service's password at the broker.",
    schema: settings.text(),
    secret: true,
  },
  redisUrl: {
    env: 'REDIS_URL',
    description: 'For limits that hold across replicas; `none`: each counts alone.',
    schema: settings.text(),
    default: 'none',
  },
} as const;

const options = { ...processOptions, ...serviceOptions };

export const { loadConfig, describeConfig } = defineConfig(options);
export type Config = ConfigOf<typeof options>;

/** For a process that holds several services: it has a bus, a port and tokens already. */
export const { loadConfig: loadServiceConfig } = defineConfig(serviceOptions);
export type ServiceConfig = ConfigOf<typeof serviceOptions>;
