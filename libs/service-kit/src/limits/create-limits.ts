import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** `cost` tokens were taken, or none and when to come again. */
export type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

export interface Limit {
  /** Takes `cost` (1 by default) from the key's allowance. Never throws. */
  take(key: string, cost?: number): Promise<Take>;
}

export interface LimitOptions {
  /** Unique within the cluster: `sign-in-by-address`. */
  readonly name: string;
  /** So many per window and key. */
  readonly points: number;
  readonly windowSeconds: number;
}

export interface Limits {
  limit(options: LimitOptions): Limit;
}

/** Limits hold across all pods by Redis; without it, or while it is away, each process keeps its own count. */
export function createLimits({ redis }: { redis?: Redis } = {}): Limits {
  return {
    limit({ name, points, windowSeconds }) {
      const shape = { keyPrefix: `wisp:limit:${name}`, points, duration: windowSeconds };
      const local = new RateLimiterMemory(shape);
      const limiter = redis
        ? new RateLimiterRedis({
            ...shape,
            storeClient: redis,
            rejectIfRedisNotReady: true,
            insuranceLimiter: local,
          })
        : local;
      return {
        async take(key, cost = 1) {
          try {
            await limiter.consume(digest(key), cost);
            return { ok: true };
          } catch (refusal) {
            if (!(refusal instanceof RateLimiterRes)) throw refusal;
            return { ok: false, retryAfterMs: Math.max(1, refusal.msBeforeNext) };
          }
        },
      };
    },
  };
}

/** Keys of any length, and no address or name readable in Redis. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
