import { serverId } from '@wisp/protocol';
import { defineConfig, settings, type ConfigOf } from '@wisp/service-kit';

const options = {
  port: { env: 'PORT', description: 'The port of HTTP.', schema: settings.port(), default: '8082' },
  host: {
    env: 'HOST',
    description: 'The interface to listen on.',
    schema: settings.text(),
    default: '127.0.0.1',
  },
  trustedProxies: {
    env: 'TRUSTED_PROXIES',
    description: 'How many proxies of ours stand in front.',
    schema: settings.whole(0, 10),
    default: '0',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'debug, info, warn, error or silent.',
    schema: settings.logLevel(),
    default: 'info',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    description: 'PostgreSQL, as the role that owns the schema `groups`.',
    schema: settings.url('postgres', 'postgresql'),
    secret: true,
  },
  databaseConnections: {
    env: 'DATABASE_CONNECTIONS',
    description: 'Connections to PostgreSQL.',
    schema: settings.whole(2, 100),
    default: '8',
  },
  migrations: {
    env: 'MIGRATIONS_DIR',
    description: 'The folder of the SQL migrations.',
    schema: settings.text(),
    default: 'services/group-service/migrations',
  },
  natsUrl: { env: 'NATS_URL', description: 'The broker.', schema: settings.url('nats', 'tls') },
  natsPassword: {
    env: 'NATS_PASSWORD',
    description: "This service's password at the broker.",
    schema: settings.text(),
    secret: true,
  },
  redisUrl: {
    env: 'REDIS_URL',
    description: 'Limits across replicas; `none` for a single one.',
    schema: settings.text(),
    default: 'none',
  },
  serverId: {
    env: 'WISP_SERVER_ID',
    description: 'The installation: the issuer of access tokens.',
    schema: serverId,
  },
} as const;

export const groupServiceConfig = defineConfig(options);
export type GroupServiceConfig = ConfigOf<typeof options>;
