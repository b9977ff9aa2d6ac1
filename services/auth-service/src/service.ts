import { hkdfSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { connectNats, type Bus } from '@wisp/bus';
import type { ServerId } from '@wisp/protocol';
import {
  connectRedis,
  createApi,
  createApp,
  createHealthRoutes,
  createLimits,
  createMetrics,
  createReadiness,
  createTokenVerifier,
  listen,
  observeBus,
  runMigrations,
  type Limits,
  type Logger,
  type Metrics,
  type Readiness,
  type RunningService,
} from '@wisp/service-kit';
import type { Router } from 'express';
import { createAllowances } from './allowances.js';
import { answerClaims } from './api/bus/answer-claims.js';
import { answerDeviceLists } from './api/bus/answer-device-lists.js';
import { answerJwks } from './api/bus/answer-jwks.js';
import { answerKeyPackageCount } from './api/bus/answer-key-package-count.js';
import { answerRevocations } from './api/bus/answer-revocations.js';
import { createRoutes } from './api/routes.js';
import { verifyLiveSession } from './api/verify-live-session.js';
import type { Config } from './config.js';
import { createAuthKeyHasher } from './domain/auth-key-hasher.js';
import { createRefreshTokens } from './domain/refresh-token.js';
import { createSigningKeys } from './domain/signing-keys.js';
import { createAnnouncer } from './events/announce.js';
import { askMembership } from './events/ask-membership.js';
import { startHousekeeping } from './housekeeping.js';
import { createAccountStore } from './store/account-store.js';
import { connectDatabase } from './store/connect-database.js';
import { createDeviceListStore } from './store/device-list-store.js';
import { forgetExpired } from './store/forget-expired.js';
import { openInstallation } from './store/installation-store.js';
import { createKeyPackageStore } from './store/key-package-store.js';
import { listDeleted, listRevocations } from './store/revocation-store.js';
import { createSessionStore } from './store/session-store.js';
import { createSigningKeyStore } from './store/signing-key-store.js';
import { createVaultStore } from './store/vault-store.js';

/** What a composition needs to know; the rest of `Config` is about one process and its connections. */
export type AuthConfig = Pick<
  Config,
  | 'databaseUrl'
  | 'databaseConnections'
  | 'serverId'
  | 'pepper'
  | 'saltKey'
  | 'keyEncryptionKey'
  | 'bcryptCost'
  | 'tokenSeconds'
  | 'secureCookies'
  | 'realtimeUrl'
  | 'registrationsPerHour'
>;

export interface AuthServiceOptions {
  readonly config: AuthConfig;
  /** This service's own connection; whoever made it closes it after `drain`. */
  readonly bus: Bus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Local ones by default. */
  readonly limits?: Limits;
}

export interface AuthService extends RunningService {
  /** Every operation under `/api/auth`. */
  readonly router: Router;
}

/** The data in the database is of another installation than the configuration. */
export class WrongInstallation extends Error {
  override readonly name = 'WrongInstallation';

  constructor(stored: ServerId) {
    super(`This database belongs to server ${stored}; SERVER_ID says otherwise.`);
  }
}

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
/** Of one account. */
const CALLS = { name: 'auth-calls', points: 1_200, windowSeconds: 60 };
const QUEUED_HASHES = 50;
const FORGET_EVERY = 60;
const ANNOUNCE_DELETED_EVERY = 300;
const ROTATE_EVERY = 300;

/** Starts the service: migrates, opens the stores, answers on the bus, does its chores. HTTP is the caller's. */
export async function createAuthService(options: AuthServiceOptions): Promise<AuthService> {
  const { config, bus, logger, metrics, limits = createLimits() } = options;
  const { databaseUrl, keyEncryptionKey, saltKey, serverId } = config;
  await runMigrations({ databaseUrl, schema: 'auth', dir: MIGRATIONS, logger });
  const database = connectDatabase({ databaseUrl, connections: config.databaseConnections });

  try {
    const installation = await openInstallation(database, serverId);
    if (installation.kind === 'foreign') throw new WrongInstallation(installation.serverId);
    if (installation.restored)
      logger.warn({}, 'the database was restored: sessions and KeyPackages are void');

    const signingKeys = createSigningKeys(createSigningKeyStore(database), keyEncryptionKey);
    await signingKeys.rotate();
    const sessions = createSessionStore(database);
    const deviceLists = createDeviceListStore(database);
    const keyPackages = createKeyPackageStore(database);
    const announcer = createAnnouncer(bus, logger);
    const hasher = await createAuthKeyHasher({
      pepper: config.pepper,
      cost: config.bcryptCost,
      concurrency: availableParallelism(),
      queueLimit: QUEUED_HASHES,
    });

    const verifier = createTokenVerifier({
      issuer: serverId,
      keys: () => signingKeys.jwks(),
      revocations: { isRevoked: () => false },
    });
    const routes = createRoutes({
      accounts: createAccountStore(database),
      sessions,
      vaults: createVaultStore(database),
      deviceLists,
      keyPackages,
      hasher,
      accessTokens: { signingKeys, serverId, lifetime: config.tokenSeconds },
      refreshTokens: createRefreshTokens(deriveRefreshKey(keyEncryptionKey)),
      announcer,
      membership: askMembership(bus),
      allowances: createAllowances(limits, config.registrationsPerHour),
      saltKey,
      cookies: { secure: config.secureCookies },
      realtimeUrl: config.realtimeUrl,
      now: Date.now,
    });
    const router = createApi(
      { verifier: verifyLiveSession(verifier, sessions), logger, metrics, perAccount: limits.limit(CALLS) },
      routes,
    );

    const subscriptions = [
      answerJwks(bus, { signingKeys }),
      answerRevocations(bus, { listRevocations: () => listRevocations(database) }),
      answerClaims(bus, { keyPackages }),
      answerDeviceLists(bus, { deviceLists }),
      answerKeyPackageCount(bus, { keyPackages }),
    ];
    const announceDeleted = async () => {
      for (const deleted of await listDeleted(database)) await announcer.accountDeleted(deleted);
    };
    const chores = startHousekeeping(
      [
        { name: 'forget', everySeconds: FORGET_EVERY, work: () => forgetExpired(database) },
        { name: 'rotate-keys', everySeconds: ROTATE_EVERY, work: () => signingKeys.rotate() },
        { name: 'announce-deleted', everySeconds: ANNOUNCE_DELETED_EVERY, work: announceDeleted },
      ],
      logger,
    );
    return {
      router,
      async drain() {
        await chores.stop();
        await Promise.all(subscriptions.map((subscription) => subscription.drain()));
      },
      stop: () => database.$disconnect(),
    };
  } catch (error) {
    await database.$disconnect();
    throw error;
  }
}

/** The service as a process of its own: NATS, Redis and a port. */
export async function startAuthService(options: {
  config: Config;
  logger: Logger;
}): Promise<RunningService & { readonly port: number; readonly readiness: Readiness }> {
  const { config, logger } = options;
  const metrics = createMetrics({ service: 'auth-service', include: 'process' });
  const readiness = createReadiness();
  const bus = await connectNats({
    servers: config.natsUrl,
    name: 'auth-service',
    user: 'auth-service',
    password: config.natsPassword,
  });
  observeBus(bus, { logger, metrics });
  readiness.require('bus', () => bus.isConnected());
  const redis = config.redisUrl === 'none' ? undefined : connectRedis({ url: config.redisUrl, logger });
  const limits = createLimits(redis && { redis });
  const service = await createAuthService({ config, bus, logger, metrics, limits });
  const app = createApp({
    logger,
    handlers: [createHealthRoutes({ readiness, metrics }), service.router],
    trustedProxies: config.trustedProxies,
  });
  const http = await listen(app, { port: config.port, host: config.host });
  return {
    port: http.port,
    readiness,
    async drain() {
      readiness.drain();
      await http.close();
      await service.drain();
      await bus.drain();
    },
    async stop() {
      await service.stop();
      redis?.disconnect();
    },
  };
}

function deriveRefreshKey(keyEncryptionKey: Uint8Array): Uint8Array {
  return Buffer.from(hkdfSync('sha256', keyEncryptionKey, '', 'wisp/refresh-tokens/1', 32));
}
