import { expect, test } from '@jest/globals';
import { findFreePort, startRedis } from '@wisp/deploy-local/parts';
import { connectAdapterRedis } from '@wisp/service-kit';
import type { EventEmitter } from 'node:events';
import { silentLogger } from './silent-logger.js';

/** The first of these events. Unlike Node's `once` it doesn't mind the errors before it: here Redis is often away. */
function happens(emitter: EventEmitter, event: string): Promise<unknown[]> {
  return new Promise((resolve) => emitter.once(event, (...values: unknown[]) => resolve(values)));
}

test('the adapter’s clients outlive Redis and never reject', async () => {
  const port = await findFreePort();
  const { publisher, subscriber, close } = connectAdapterRedis({
    url: `redis://127.0.0.1:${port}`,
    logger: silentLogger(),
  });
  // Before Redis is there: the subscription waits, what is said is lost.
  const subscribed = subscriber.ssubscribe('room');
  expect(await publisher.spublish('room', 'lost')).toBe(0);

  const first = await startRedis({ port });
  if (publisher.status !== 'ready') await happens(publisher, 'ready');
  await subscribed;
  const heard = happens(subscriber, 'smessage');
  expect(await publisher.spublish('room', 'one')).toBe(1);
  expect(await heard).toEqual(['room', 'one']);

  const lost = [happens(publisher, 'close'), happens(subscriber, 'close')];
  await first.kill();
  await Promise.all(lost);
  expect(await publisher.spublish('room', 'lost')).toBe(0);

  const back = [happens(publisher, 'ready'), happens(subscriber, 'ready')];
  const second = await startRedis({ port });
  await Promise.all(back);
  const again = happens(subscriber, 'smessage');
  // The subscription is renewed just after `ready`.
  while ((await publisher.spublish('room', 'two')) === 0) await new Promise(setImmediate);
  expect(await again).toEqual(['room', 'two']);

  // In flight at the end: no rejection either.
  const pending = subscriber.ssubscribe('other');
  close();
  await pending;
  expect(await publisher.spublish('room', 'late')).toBe(0);
  await second.stop();
});
