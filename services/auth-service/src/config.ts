import { decodeBase64url } from '@wisp/protocol';
import { defineConfig, serviceSettings, settings } from '@wisp/service-kit';
import { z } from 'zod';

const SECRET_BYTES = 32;

/** Base64url of at least 32 random bytes. */
const secretKey = z.string().transform((text, context) => {
  try {
    const bytes = decodeBase64url(text);
    if (bytes.length >= SECRET_BYTES) return bytes;
  } catch {
    // Said below.
  }
  context.addIssue({ code: 'custom', message: 'expected base64url of at least 32 bytes' });
  return z.NEVER;
});

export const { loadConfig, describeConfig } = defineConfig({
  port: serviceSettings.port(8081),
  host: serviceSettings.host,
  logLevel: serviceSettings.logLevel,
  trustedProxies: serviceSettings.trustedProxies,
  databaseUrl: serviceSettings.databaseUrl('auth'),
  databaseConnections: {
    env: 'DATABASE_CONNECTIONS',
    schema: settings.whole(2, 100),
    default: '10',
    description: 'Connections to PostgreSQL at most.',
  },
  natsUrl: serviceSettings.natsUrl,
  natsPassword: serviceSettings.natsPassword,
  redisUrl: serviceSettings.redisUrl,
  serverId: serviceSettings.serverId,
  pepper: {
    env: 'AUTH_PEPPER',
    schema: secretKey,
    secret: true,
    description: 'Keys the hashes of auth keys. Base64url of 32 bytes; lost, nobody can sign in any more.',
  },
  saltKey: {
    env: 'AUTH_SALT_KEY',
    schema: secretKey,
    secret: true,
    description:
      'Makes the salts of names. Base64url of 32 bytes; lost, no password opens its vault any more.',
  },
  keyEncryptionKey: {
    env: 'AUTH_KEY_ENCRYPTION_KEY',
    schema: secretKey,
    secret: true,
    description:
      'Seals the signing keys in the database and makes refresh tokens. Base64url of 32 bytes; changed, everybody signs in anew.',
  },
  bcryptCost: {
    env: 'BCRYPT_COST',
    schema: settings.whole(4, 16),
    default: '10',
    description: 'Each step doubles the work of a sign-in; the password was stretched on the device already.',
  },
  tokenSeconds: {
    env: 'TOKEN_SECONDS',
    schema: settings.whole(60, 900),
    default: '900',
    description: 'Life of an access token.',
  },
  secureCookies: {
    env: 'SECURE_COOKIES',
    schema: settings.flag(),
    default: 'true',
    description: '`false` only for plain http on loopback.',
  },
  realtimeUrl: {
    env: 'REALTIME_URL',
    schema: settings.text(),
    default: '/socket.io',
    description: 'Where clients find Socket.IO: a path on their origin, or an absolute URL.',
  },
  registrationsPerHour: {
    env: 'REGISTRATIONS_PER_HOUR',
    schema: settings.whole(1, 1_000_000),
    default: '100',
    description: 'Registrations from one address.',
  },
});

export type Config = ReturnType<typeof loadConfig>;
