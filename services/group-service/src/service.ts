import type { Bus, Subscription } from '@wisp/bus';
import {
  connectRedis,
  createApi,
  createApp,
  createHealthRoutes,
  createLimits,
  createMetrics,
  createReadiness,
  createRevocationList,
  createTokenVerifier,
  jwksFromBus,
  observeBus,
  runMigrations,
  type Logger,
} from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';
import { answerBus } from './api/answer-bus.js';
import { createConversationRoute } from './api/create-conversation.js';
import { createIncarnationRoute } from './api/create-incarnation.js';
import { deleteWelcomeRoute } from './api/delete-welcome.js';
import { getConversationRoute } from './api/get-conversation.js';
import { listConversationsRoute } from './api/list-conversations.js';
import { listRequestsRoute } from './api/list-requests.js';
import { listWelcomesRoute } from './api/list-welcomes.js';
import { storeRequestRoutes } from './api/store-request.js';
import { submitCommitRoute } from './api/submit-commit.js';
import type { Config } from './config.js';
import { finishOverdue } from './domain/finish-commit.js';
import { finishDepartures } from './domain/finish-departure.js';
import { createCommitLog } from './events/commit-log.js';
import { createDepartureLog } from './events/departure-log.js';
import { createDirectory } from './events/directory.js';
import { createNotices } from './events/notices.js';
import { createCommitStore } from './store/commit-store.js';
import { connectDatabase } from './store/connect-database.js';
import { createConversationReader } from './store/conversation-reader.js';
import { createDeletedUsers } from './store/deleted-users.js';
import { createDepartureStore } from './store/departure-store.js';
import { forgetOld } from './store/forget-old.js';
import { createRequestStore } from './store/request-store.js';
import { createWelcomeStore } from './store/welcome-store.js';
import { startSweep, type Sweep } from './sweep.js';

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
/** Of one account. */
const CALLS = { name: 'conversation-calls', points: 1_200, windowSeconds: 60 };
/** Of one account. The largest group there may be is made of about 20 MB. */
const COMMIT_BYTES_PER_HOUR = 128 * 1024 * 1024;
const FINISH_EVERY_MS = 500;
const FORGET_EVERY_MS = 60_000;
const FORGET_ROWS = 1_000;
/** Pending commits that one round takes up. */
const PER_ROUND = 50;

export interface GroupServiceParts {
  readonly config: Pick<
    Config,
    'databaseUrl' | 'databaseConnections' | 'commitSeconds' | 'redisUrl' | 'serverId' | 'trustedProxies'
  >;
  readonly bus: Bus;
  readonly logger: Logger;
}

/** Conversations, who is in them, and the authorisation of commits (server §2). */
export function createGroupService({ config, bus, logger }: GroupServiceParts) {
  const metrics = createMetrics({ service: 'group-service' });
  const readiness = createReadiness();
  const redis = config.redisUrl === 'none' ? null : connectRedis({ url: config.redisUrl, logger });
  const limits = createLimits(redis === null ? {} : { redis });
  const { databaseUrl, databaseConnections: connections, serverId } = config;
  const database = connectDatabase({ databaseUrl, connections });

  const commits = createCommitStore(database);
  const requests = createRequestStore(database);
  const departures = createDepartureStore(database);
  const welcomes = createWelcomeStore(database);
  const reader = createConversationReader(database);
  const deletedUsers = createDeletedUsers(database);
  const log = createCommitLog(bus);
  const departureLog = createDepartureLog(bus);
  const directory = createDirectory(bus);
  const notices = createNotices({ bus, logger });

  const revocations = createRevocationList({ bus, logger });
  const verifier = createTokenVerifier({ issuer: serverId, keys: jwksFromBus(bus), revocations });
  const commitParts = {
    ports: { commits, log, notices, directory, requests, serverId },
    perAccount: limits.limit({ name: 'commits', points: 60, windowSeconds: 60 }),
    bytesPerAccount: limits.limit({
      name: 'commit-bytes',
      points: COMMIT_BYTES_PER_HOUR,
      windowSeconds: 3_600,
    }),
  };
  const requestParts = {
    ports: { commits, requests, directory, notices, serverId, departures, departureLog },
    perAccount: limits.limit({ name: 'conversation-requests', points: 20, windowSeconds: 60 }),
    joins: limits.limit({ name: 'join-requests', points: 3, windowSeconds: 600 }),
  };
  const api = createApi({ verifier, logger, metrics, perAccount: limits.limit(CALLS) }, [
    createConversationRoute(commitParts),
    submitCommitRoute(commitParts),
    createIncarnationRoute(commitParts),
    ...storeRequestRoutes(requestParts),
    listRequestsRoute({ requests }),
    listConversationsRoute({ reader }),
    getConversationRoute({ reader }),
    listWelcomesRoute({ welcomes, log }),
    deleteWelcomeRoute({ welcomes }),
  ]);
  const app = createApp({
    logger,
    handlers: [createHealthRoutes({ readiness, metrics }), api],
    trustedProxies: config.trustedProxies,
  });

  const finished = metrics.counter({
    name: 'overdue_commits_total',
    help: 'Pending commits that another request or replica left behind.',
  });
  let subscriptions: Subscription[] = [];
  let sweeps: Sweep[] = [];
  let endObserving: (() => void) | undefined;
  readiness.require('bus', () => bus.isConnected());
  readiness.require('revocations', () => revocations.isComplete());
  readiness.require('started', () => sweeps.length > 0);

  return {
    app,
    /** The operations alone, to be mounted beside other services'. */
    api,
    metrics,
    readiness,
    /** Brings the schema up to date, then takes questions and what was left behind. HTTP is the caller's to serve. */
    async start(): Promise<void> {
      await runMigrations({ databaseUrl, schema: 'groups', dir: MIGRATIONS, logger });
      endObserving = observeBus(bus, { logger, metrics });
      subscriptions = answerBus({
        bus,
        ports: { commits, reader, directory, notices, deletedUsers },
        welcomes,
      });
      const finish = startSweep({
        name: 'finish',
        everyMs: FINISH_EVERY_MS,
        async round() {
          finished.inc(await finishOverdue({ commits, log, notices }, PER_ROUND));
          await finishDepartures({ departures, departureLog }, PER_ROUND);
        },
        logger,
      });
      const forget = startSweep({
        name: 'forget',
        everyMs: FORGET_EVERY_MS,
        async round() {
          while (await forgetOld(database, { commitSeconds: config.commitSeconds, rows: FORGET_ROWS }));
        },
        logger,
      });
      sweeps = [finish, forget];
    },
    /** Not ready from now on; finishes the questions that it has. */
    async drain(): Promise<void> {
      readiness.drain();
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
      await Promise.all(subscriptions.map((subscription) => subscription.drain()));
    },
    async stop(): Promise<void> {
      endObserving?.();
      await revocations.stop();
      await database.$disconnect();
      redis?.disconnect();
    },
  };
}

export type GroupService = ReturnType<typeof createGroupService>;
