import { availableParallelism } from 'node:os';
import type { NatsPasswords } from '../parts/nats.js';
import type { LocalSecrets } from '../secrets.js';
import type { ServiceName } from './start-service.js';

export interface ClusterAddresses {
  readonly databases: { readonly auth: string; readonly groups: string; readonly messages: string };
  readonly natsUrl: string;
  readonly redisUrl: string;
}

export interface EnvironmentParts {
  readonly addresses: ClusterAddresses;
  readonly passwords: NatsPasswords;
  readonly secrets: LocalSecrets;
  readonly logLevel: string;
  /** From one address. */
  readonly registrationsPerHour: number;
}

/** What each service is told, by the names of its `config.ts`. Its port comes with each replica. */
export function serviceEnvironments({
  addresses,
  passwords,
  secrets,
  logLevel,
  registrationsPerHour,
}: EnvironmentParts): Record<ServiceName, Record<string, string>> {
  const { databases, natsUrl, redisUrl } = addresses;
  const all = (service: ServiceName) => ({
    NATS_URL: natsUrl,
    NATS_PASSWORD: passwords[service],
    REDIS_URL: redisUrl,
    SERVER_ID: secrets.serverId,
    LOG_LEVEL: logLevel,
  });
  const behindProxy = { TRUSTED_PROXIES: '1' };
  return {
    'auth-service': {
      ...all('auth-service'),
      ...behindProxy,
      DATABASE_URL: databases.auth,
      AUTH_PEPPER: secrets.pepper,
      AUTH_SALT_KEY: secrets.saltKey,
      AUTH_KEY_ENCRYPTION_KEY: secrets.signingKeysKey,
      REGISTRATIONS_PER_HOUR: String(registrationsPerHour),
      // Loopback has no TLS; browsers keep cookies of localhost safe without.
      SECURE_COOKIES: 'false',
      // Hashes must not hold up everything else that Node does in threads (server §5).
      UV_THREADPOOL_SIZE: String(availableParallelism() + 4),
    },
    'group-service': { ...all('group-service'), ...behindProxy, DATABASE_URL: databases.groups },
    'message-service': { ...all('message-service'), ...behindProxy, DATABASE_URL: databases.messages },
    gateway: { ...all('gateway'), DRAIN_SECONDS: '3' },
  };
}
