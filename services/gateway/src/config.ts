import { serverId } from '@wisp/protocol';
import { defineConfig, settings, type ConfigOf } from '@wisp/service-kit';

const options = {
  port: {
    env: 'PORT',
    description: 'The port of HTTP and WebSocket.',
    schema: settings.port(),
    default: '8084',
  },
  host: {
    env: 'HOST',
    description: 'The interface to listen on.',
    schema: settings.text(),
    default: '127.0.0.1',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'debug, info, warn, error or silent.',
    schema: settings.logLevel(),
    default: 'info',
  },
  cell: {
    env: 'WISP_CELL',
    description: 'The cell of users that this gateway serves.',
    schema: settings.whole(0, 4095),
    default: '0',
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
    description: 'Typing, presence and limits across gateways; `none` for a single gateway.',
    schema: settings.text(),
    default: 'none',
  },
  serverId: {
    env: 'WISP_SERVER_ID',
    description: 'The installation: the issuer of access tokens.',
    schema: serverId,
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
} as const;

export const gatewayConfig = defineConfig(options);
export type GatewayConfig = ConfigOf<typeof options>;
