import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startRedis, type RedisPart } from '@wisp/deploy-local/parts';
import { connectRedis, createLimits } from '@wisp/service-kit';
import { once } from 'node:events';
import { silentLogger } from './silent-logger.js';

const logger = silentLogger();
const shape = { points: 3, windowSeconds: 600 };
let server: RedisPart;
const clients: ReturnType<typeof connectRedis>[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => server.stop());

async function connected(url: string) {
  const client = connectRedis({ url, logger });
  clients.push(client);
  if (client.status !== 'ready') await once(client, 'ready');
  return client;
}

describe('a limit', () => {
  test('without Redis gives what it has and says when to come again', async () => {
    const limit = createLimits().limit({ name: 'local', ...shape });
    expect(await limit.take('alice', 2)).toEqual({ ok: true });
    expect(await limit.take('alice')).toEqual({ ok: true });
    const refused = await limit.take('alice');
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) {
      expect(refused.retryAfterMs).toBeGreaterThan(0);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(600_000);
    }
    expect(await limit.take('bob')).toEqual({ ok: true });
  });

  test('holds across processes by Redis, each name for itself', async () => {
    const one = createLimits({ redis: await connected(server.url) });
    const two = createLimits({ redis: await connected(server.url) });
    const first = one.limit({ name: 'shared', ...shape });
    const second = two.limit({ name: 'shared', ...shape });
    const takes = await Promise.all([first, second, first, second].map((limit) => limit.take('alice')));
    expect(takes.filter(({ ok }) => ok)).toHaveLength(3);
    expect(await two.limit({ name: 'other', ...shape }).take('alice')).toEqual({ ok: true });
  });

  test('leaves no key readable in Redis', async () => {
    const redis = await connected(server.url);
    await createLimits({ redis })
      .limit({ name: 'private', ...shape })
      .take('192.0.2.77');
    const keys = await redis.keys('*private*');
    expect(keys).toHaveLength(1);
    expect(keys.join()).not.toContain('192.0.2.77');
  });

  test('falls back to its own count while Redis is away, and returns', async () => {
    const own = await startRedis();
    const redis = await connected(own.url);
    const limit = createLimits({ redis }).limit({ name: 'falling', ...shape });
    expect(await limit.take('alice', 3)).toEqual({ ok: true });
    expect(await limit.take('alice')).toMatchObject({ ok: false });

    const lost = once(redis, 'close');
    await own.kill();
    await lost;
    expect(await limit.take('bob', 3)).toEqual({ ok: true });
    expect(await limit.take('bob')).toMatchObject({ ok: false });

    const back = once(redis, 'ready');
    const again = await startRedis({ port: own.port });
    await back;
    expect(await limit.take('carol')).toEqual({ ok: true });
    expect(await redis.keys('*falling*')).toHaveLength(1);
    redis.disconnect();
    await again.stop();
  });

  test('answers when Redis was never there', async () => {
    const redis = connectRedis({ url: 'redis://127.0.0.1:1', logger });
    clients.push(redis);
    expect(
      await createLimits({ redis })
        .limit({ name: 'never', ...shape })
        .take('alice'),
    ).toEqual({ ok: true });
  });
});
