import { serverId } from '@wisp/protocol';
import { z } from 'zod';
import { settings } from './setting-schemas.js';

const DAY = 24 * 60 * 60;

/** What several services are told, under one name each. */
export const serviceSettings = {
  /** `preset`: so that all can run on one machine. */
  port: (preset: number) => ({
    env: 'PORT',
    description: 'The port that is listened on.',
    schema: settings.port(),
    default: String(preset),
  }),
  host: {
    env: 'HOST',
    description: 'The interface that is listened on; `0.0.0.0` in a container.',
    schema: settings.text(),
    default: '127.0.0.1',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'debug, info, warn, error or silent.',
    schema: settings.logLevel(),
    default: 'info',
  },
  trustedProxies: {
    env: 'TRUSTED_PROXIES',
    description: "How many proxies of yours stand in front; their word on a caller's address is believed.",
    schema: settings.whole(0, 8),
    default: '0',
  },
  databaseUrl: (schema: string) => ({
    env: 'DATABASE_URL',
    description: `PostgreSQL, as the role that owns the schema \`${schema}\`.`,
    schema: settings.url('postgres', 'postgresql'),
    secret: true as const,
  }),
  natsUrl: { env: 'NATS_URL', description: 'The broker.', schema: settings.url('nats', 'tls') },
  natsPassword: {
    env: 'NATS_PASSWORD',
    description: "This service's password at the broker; its user is its name.",
    schema: settings.text(),
    secret: true,
  },
  redisUrl: {
    env: 'REDIS_URL',
    description:
      'For what holds across replicas: limits, at gateways also typing and presence; `none`: each for itself.',
    schema: z.union([z.literal('none'), settings.url('redis', 'rediss')]),
    secret: true,
    default: 'none',
  },
  commitSeconds: {
    env: 'RETAIN_COMMITS_SECONDS',
    description: 'How long commits are kept; the same for group-service and message-service.',
    schema: settings.whole(DAY, 3_650 * DAY),
    default: String(90 * DAY),
  },
  serverId: {
    env: 'SERVER_ID',
    description:
      "The installation's id, a random UUID: every token and statement names it, and it never changes.",
    schema: serverId,
  },
} as const;
