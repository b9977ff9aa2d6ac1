import { Redis } from 'ioredis';
import type { Logger } from '../logging/create-logger.js';

export interface RedisOptions {
  readonly url: string;
  readonly logger: Logger;
}

const connection = {
  connectTimeout: 2_000,
  disconnectTimeout: 200,
  retryStrategy: (attempt: number) => Math.min(100 * attempt, 2_000),
};

/**
 * A Redis client that never waits: while Redis is away commands fail at once, and it reconnects by itself. It doesn't
 * wait for the first connection either: nothing durable depends on Redis.
 */
export function connectRedis({ url, logger }: RedisOptions): Redis {
  const redis = new Redis(url, {
    ...connection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
  });
  logOutages(redis, logger);
  return redis;
}

/** The two clients of Socket.IO's sharded adapter. */
export interface AdapterRedis {
  /** What it says while Redis is away is lost, silently. */
  readonly publisher: Redis;
  /** Keeps its subscriptions over outages, also those made before Redis was there. */
  readonly subscriber: Redis;
  close(): void;
}

/**
 * Clients for `createShardedAdapter(publisher, subscriber)`. The adapter waits for none of its commands, so a failure
 * would end the process as an unhandled rejection: these resolve instead.
 */
export function connectAdapterRedis(options: RedisOptions): AdapterRedis {
  const publisher = connectRedis(options);
  const subscriber = new Redis(options.url, { ...connection, maxRetriesPerRequest: null });
  logOutages(subscriber, options.logger);
  swallowFailures(publisher, 'spublish');
  swallowFailures(subscriber, 'ssubscribe');
  swallowFailures(subscriber, 'sunsubscribe');
  return {
    publisher,
    subscriber,
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function swallowFailures(redis: Redis, name: 'spublish' | 'ssubscribe' | 'sunsubscribe'): void {
  const command = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(redis, { [name]: (...args: unknown[]) => command(...args).catch(() => 0) });
}

function logOutages(redis: Redis, logger: Logger): void {
  let away = false;
  redis.on('ready', () => {
    if (away) logger.info({}, 'redis is back');
    away = false;
  });
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ error }, 'redis is away');
    away = true;
  });
}
