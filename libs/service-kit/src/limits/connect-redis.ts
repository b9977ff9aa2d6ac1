import { Redis } from 'ioredis';
import type { Logger } from '../logging/create-logger.js';

/**
 * A Redis client that never waits: while Redis is away commands fail at once, and it reconnects by itself. It doesn't
 * wait for the first connection either: nothing durable depends on Redis.
 */
export function connectRedis({ url, logger }: { url: string; logger: Logger }): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    connectTimeout: 2_000,
    disconnectTimeout: 200,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
  });
  let away = false;
  redis.on('ready', () => {
    if (away) logger.info({}, 'redis is back');
    away = false;
  });
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ error }, 'redis is away');
    away = true;
  });
  return redis;
}
