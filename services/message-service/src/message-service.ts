import type { Bus, Subscription } from '@wisp/bus';
import {
  assertDurable,
  createApi,
  runMigrations,
  type Limits,
  type Logger,
  type Metrics,
  type Readiness,
  type TokenVerifier,
} from '@wisp/service-kit';
import type { Router } from 'express';
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { onAccountDeleted } from './api/account-deleted.js';
import { handleAcknowledge } from './api/acknowledge.js';
import { handleAppendCommit } from './api/append-commit.js';
import { handleAppendMessages } from './api/append-messages.js';
import { handleAttachDevice } from './api/attach-device.js';
import { deleteMessagesRoute } from './api/delete-messages.js';
import { fetchEntriesRoute, handleFetchEntries } from './api/fetch-entries.js';
import { handleLeaveConversation } from './api/leave-conversation.js';
import { handleListMembers } from './api/list-members.js';
import { handleSyncDevice, syncDeviceRoute } from './api/sync-device.js';
import type { ServiceConfig } from './config.js';
import { createAppender } from './domain/append-messages.js';
import { createAccountEndings } from './domain/end-memberships.js';
import { createReadForgetter } from './domain/forget-read.js';
import { createRetention } from './domain/retain.js';
import { createExpirySweep } from './domain/sweep-expired.js';
import { createPublisher } from './events/publisher.js';
import { createObserver } from './observe.js';
import { repeat } from './repeat.js';
import { appendSettings } from './store/append-messages.js';
import { openPools } from './store/pools.js';
import { createPostgresLog } from './store/postgres-log.js';

export interface MessageServiceParts {
  readonly config: ServiceConfig;
  /** Its own; whoever made it drains it after `drain`. */
  readonly bus: Bus;
  readonly verifier: TokenVerifier;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

export interface MessageService {
  /** `/api/messages`. */
  readonly api: Router;
  /** Takes nothing new, finishes and tells what it has, says bye. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const BEAT_MS = 1_000;
const SWEEP_MS = 500;
const RETENTION_MS = 60_000;
const RETENTION_STEP = { conversations: 200, entries: 1_000 };
/** Of one account in a minute. */
const READS = { name: 'messages-read', points: 1_200, windowSeconds: 60 };
const DELETIONS = { name: 'messages-delete', points: 300, windowSeconds: 60 };

/**
 * Builds the log's service: migrated schema, handlers on the bus, sweeps, streams to the cells.
 * @throws {NotDurableError} where PostgreSQL could lose what it has confirmed
 */
export async function createMessageService(parts: MessageServiceParts): Promise<MessageService> {
  const { config, bus, verifier, limits, logger, metrics, readiness } = parts;
  const { databaseUrl } = config;
  await runMigrations({ databaseUrl, schema: 'messages', dir: MIGRATIONS, logger });
  const connections = {
    append: config.appendConnections,
    read: config.readConnections,
    background: config.backgroundConnections,
  };
  const pools = await openPools({ databaseUrl, connections, logger });
  try {
    await assertDurable(pools.append);
  } catch (error) {
    await pools.end();
    throw error;
  }

  const append = { ...appendSettings, unreadLimit: config.unreadSeconds };
  const log = createPostgresLog({ pools, logger, append });
  const observer = createObserver({ metrics, logger });
  const now = () => performance.now();
  const announcements = createPublisher({
    bus,
    process: randomUUID(),
    timeline: log.timeline,
    observer,
    now,
  });
  const forget = createReadForgetter({ log });
  const endings = createAccountEndings({ log, announcements, forget });
  const expiry = createExpirySweep({ log, announcements, observer, now });
  const { commitSeconds, messageSeconds } = config;
  const sweep = createRetention(
    { log, observer },
    { ...RETENTION_STEP, commitAge: commitSeconds, messageAge: messageSeconds },
  );
  const appender = createAppender(
    { log, announcements, observer, now, later: runLater },
    { batchesAtOnce: config.appendConnections },
  );
  const retention = { messages: messageSeconds, commits: commitSeconds };
  const ports = { log, announcements, forget, observer, retention };

  const subscriptions: Subscription[] = [
    handleAppendMessages(bus, appender),
    handleAppendCommit(bus, ports),
    handleLeaveConversation(bus, ports),
    handleAcknowledge(bus, ports),
    handleAttachDevice(bus, ports),
    handleListMembers(bus, ports),
    handleSyncDevice(bus, ports),
    handleFetchEntries(bus, ports),
    onAccountDeleted(bus, endings),
  ];
  const reads = limits.limit(READS);
  const api = createApi({ verifier, logger, metrics }, [
    syncDeviceRoute({ ...ports, limit: reads }),
    fetchEntriesRoute({ ...ports, limit: reads }),
    deleteMessagesRoute({ ...ports, limit: limits.limit(DELETIONS) }),
  ]);

  const sweeps = [
    repeat({ everyMs: SWEEP_MS, task: expiry.run, onFailure: observer.sweepFailed('expiry') }),
    repeat({ everyMs: SWEEP_MS, task: forget.run, onFailure: observer.sweepFailed('after read') }),
    repeat({ everyMs: SWEEP_MS, task: endings.run, onFailure: observer.sweepFailed('account endings') }),
    repeat({ everyMs: RETENTION_MS, task: sweep.run, onFailure: observer.sweepFailed('retention') }),
  ];
  const beat = setInterval(() => {
    announcements.beat();
    const size = appender.queue.size();
    observer.queue({ size, ageMs: size > 0 ? now() - appender.queue.oldest() : 0, timeline: log.timeline() });
  }, BEAT_MS);
  readiness.require('log timeline', () => log.timeline() > 0);

  return {
    api,
    async drain() {
      await Promise.all(subscriptions.map((subscription) => subscription.drain()));
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
      clearInterval(beat);
      // Nobody would tell us again.
      await endings.run().catch(observer.sweepFailed('account endings'));
      await announcements.bye();
    },
    async stop() {
      announcements.stop();
      await pools.end();
    },
  };
}

function runLater(ms: number, task: () => void): void {
  if (ms === 0) setImmediate(task);
  else setTimeout(task, ms);
}
