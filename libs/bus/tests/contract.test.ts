import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bus } from '@wisp/bus';
import { echo, ticked, wrongEcho, wrongTicked } from './subjects.js';
import {
  MAX_PAYLOAD,
  MAX_PENDING,
  collector,
  deferred,
  inProcessWorld,
  natsWorld,
  nextStatus,
  type BusWorld,
} from './world.js';

describe.each([
  ['in process', inProcessWorld],
  ['NATS', natsWorld],
])('the bus, %s', (_name, makeWorld) => {
  let world: BusWorld;
  let alice: Bus;
  let bob: Bus;

  beforeEach(async () => {
    world = await makeWorld();
    alice = await world.connect();
    bob = await world.connect();
  });
  afterEach(() => world.end());

  /** Bob's subscriptions are known to the broker. */
  const settled = () => bob.flush();

  describe('requests', () => {
    test('get their reply', async () => {
      bob.handle(echo, { queue: 'echo' }, ({ text }) => Promise.resolve({ text: text.toUpperCase() }));
      await settled();
      expect(await alice.request(echo, { text: 'hi — ü' })).toEqual({ text: 'HI — Ü' });
    });

    test('fail at once when nobody handles them', async () => {
      await expect(alice.request(echo, { text: 'hi' }, { timeoutMs: 60_000 })).rejects.toMatchObject({
        name: 'BusError',
        code: 'no-responders',
        subject: 'test.echo',
      });
    });

    test('time out', async () => {
      const never = deferred<{ text: string }>();
      bob.handle(echo, { queue: 'echo' }, () => never.promise);
      await settled();
      await expect(alice.request(echo, { text: 'hi' }, { timeoutMs: 20 })).rejects.toMatchObject({
        code: 'timeout',
      });
    });

    test('run concurrently', async () => {
      const release = deferred();
      bob.handle(echo, { queue: 'echo' }, async ({ text }) => {
        if (text === 'slow') await release.promise;
        return { text };
      });
      await settled();
      const slow = alice.request(echo, { text: 'slow' });
      expect(await alice.request(echo, { text: 'fast' })).toEqual({ text: 'fast' });
      release.resolve();
      expect(await slow).toEqual({ text: 'slow' });
    });

    test('that are malformed are refused by name, unseen by the handler', async () => {
      const seen = collector<string>();
      bob.handle(echo, { queue: 'echo' }, ({ text }) => {
        seen.add(text);
        return { text };
      });
      await settled();
      const reported = nextStatus(bob, 'malformed');
      await expect(alice.request(wrongEcho, { text: 7 })).rejects.toMatchObject({
        code: 'bad-request',
        field: 'text',
      });
      await expect(alice.request(wrongEcho, { text: 'hi', more: 1 })).rejects.toMatchObject({
        code: 'bad-request',
      });
      expect(await reported).toEqual({
        kind: 'malformed',
        what: 'request',
        subject: 'test.echo',
        field: 'text',
      });
      expect(seen.items).toEqual([]);
      expect(bob.counters().malformedRequests).toBe(2);
    });

    test("end with `unavailable` when the handler fails; its words don't travel", async () => {
      const fault = new Error('the password is swordfish');
      bob.handle(echo, { queue: 'echo' }, () => {
        throw fault;
      });
      await settled();
      const reported = nextStatus(bob, 'handler-failed');
      const failure = await alice.request(echo, { text: 'hi' }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'unavailable' });
      expect(String(failure)).not.toContain('swordfish');
      expect((await reported).error).toBe(fault);
      expect(bob.counters().handlerFaults).toBe(1);
    });

    test("refuse a reply that isn't what the subject promises", async () => {
      bob.handle(wrongEcho, { queue: 'echo' }, () => ({ text: [] }));
      await settled();
      const reported = nextStatus(alice, 'malformed');
      await expect(alice.request(echo, { text: 'hi' })).rejects.toMatchObject({
        code: 'bad-reply',
        field: 'text',
      });
      expect(await reported).toMatchObject({ what: 'reply' });
      expect(alice.counters().malformedReplies).toBe(1);
    });

    test('go to one handler of the queue group', async () => {
      const carol = await world.connect();
      const handled = collector<string>();
      for (const [name, bus] of [
        ['bob', bob],
        ['carol', carol],
      ] as const) {
        bus.handle(echo, { queue: 'echo' }, ({ text }) => {
          handled.add(name);
          return { text };
        });
      }
      await settled();
      await carol.flush();
      await Promise.all(Array.from({ length: 100 }, (_, i) => alice.request(echo, { text: `${i}` })));
      expect(handled.items).toHaveLength(100);
      expect(new Set(handled.items)).toEqual(new Set(['bob', 'carol']));
    });

    test('above the limit are not sent; a reply above it is `unavailable`', async () => {
      bob.handle(echo, { queue: 'echo' }, () => ({ text: 'x'.repeat(MAX_PAYLOAD) }));
      await settled();
      await expect(alice.request(echo, { text: 'x'.repeat(MAX_PAYLOAD) })).rejects.toMatchObject({
        code: 'too-large',
      });
      await expect(alice.request(echo, { text: 'hi' })).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  describe('events', () => {
    test("reach every subscriber in the publisher's order", async () => {
      const carol = await world.connect();
      const seen = [collector<number>(), collector<number>()];
      bob.subscribe(ticked, ({ number }) => seen[0]?.add(number));
      carol.subscribe(ticked, ({ number }) => seen[1]?.add(number));
      await settled();
      await carol.flush();
      const numbers = Array.from({ length: 5_000 }, (_, i) => i);
      for (const number of numbers) alice.publish(ticked, { number });
      await Promise.all(seen.map((one) => one.until(numbers.length)));
      expect(seen[0]?.items).toEqual(numbers);
      expect(seen[1]?.items).toEqual(numbers);
    });

    test('wait for a handler that is still at the one before', async () => {
      const steps: string[] = [];
      const done = collector<number>();
      bob.subscribe(ticked, async ({ number }) => {
        steps.push(`begin ${number}`);
        await new Promise(setImmediate);
        steps.push(`end ${number}`);
        done.add(number);
      });
      await settled();
      for (const number of [1, 2, 3]) alice.publish(ticked, { number });
      await done.until(3);
      expect(steps).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
    });

    test('are dropped, and said to be, behind a handler that is too slow', async () => {
      const release = deferred();
      const seen = collector<number>();
      bob.subscribe(ticked, async ({ number }) => {
        await release.promise;
        seen.add(number);
      });
      await settled();
      const slow = nextStatus(bob, 'slow-consumer');
      const text = 'x'.repeat(MAX_PENDING / 4);
      for (let number = 0; number < 8; number += 1) alice.publish(ticked, { number, text });
      expect(await slow).toEqual({ kind: 'slow-consumer', subject: 'test.ticked' });
      release.resolve();
      await seen.until(4);
      await new Promise(setImmediate);
      expect(seen.items.slice(0, 4)).toEqual([0, 1, 2, 3]);
      expect(bob.counters().droppedEvents).toBeGreaterThan(0);
    });

    test('go to one subscriber of a queue group', async () => {
      const seen = collector<number>();
      const all = collector<number>();
      bob.subscribe(ticked, ({ number }) => seen.add(number), { queue: 'workers' });
      bob.subscribe(ticked, ({ number }) => seen.add(number), { queue: 'workers' });
      bob.subscribe(ticked, ({ number }) => all.add(number));
      await settled();
      for (let number = 0; number < 50; number += 1) alice.publish(ticked, { number });
      await Promise.all([seen.until(50), all.until(50)]);
      await settled();
      expect([...seen.items].sort((a, b) => a - b)).toEqual(all.items);
    });

    test('that are malformed are dropped and counted, the next one arrives', async () => {
      const seen = collector<number>();
      bob.subscribe(ticked, ({ number }) => seen.add(number));
      await settled();
      alice.publish(wrongTicked, { number: 'one' });
      alice.publish(ticked, { number: 2 });
      await seen.until(1);
      expect(seen.items).toEqual([2]);
      expect(bob.counters().malformedEvents).toBe(1);
    });

    test('survive a handler that throws or rejects', async () => {
      const seen = collector<number>();
      bob.subscribe(ticked, ({ number }) => {
        seen.add(number);
        if (number === 1) throw new Error('thrown');
        return number === 2 ? Promise.reject(new Error('rejected')) : undefined;
      });
      await settled();
      for (const number of [1, 2, 3]) alice.publish(ticked, { number });
      await seen.until(3);
      expect(bob.counters().handlerFaults).toBe(2);
    });

    test('reach the publisher too, later and as a copy', async () => {
      const seen = collector<unknown>();
      alice.subscribe(wrongTicked, (payload) => seen.add(payload));
      const payload = { number: 1, text: undefined };
      alice.publish(ticked, payload);
      payload.number = 2;
      expect(seen.items).toEqual([]);
      await seen.until(1);
      expect(seen.items).toEqual([{ number: 1 }]);
      expect(Object.keys(seen.items[0] as object)).toEqual(['number']);
    });

    test('above the limit are not sent', () => {
      expect(() => alice.publish(ticked, { number: 1, text: 'x'.repeat(MAX_PAYLOAD) })).toThrow(
        expect.objectContaining({ code: 'too-large' }),
      );
    });

    test('without subscribers are nobody’s fault', async () => {
      alice.publish(ticked, { number: 1 });
      await alice.flush();
    });
  });

  describe('ending', () => {
    test('drain finishes requests and events in hand, with all that they say', async () => {
      const begun = collector<string>();
      const release = deferred();
      const seen = collector<number>();
      alice.subscribe(ticked, ({ number }) => seen.add(number));
      await alice.flush();
      bob.handle(echo, { queue: 'echo' }, async ({ text }) => {
        begun.add(text);
        await release.promise;
        bob.publish(ticked, { number: 1 });
        return { text };
      });
      await settled();
      const reply = alice.request(echo, { text: 'last' });
      await begun.until(1);
      const drained = bob.drain();
      // Once the broker knows, a new request finds nobody.
      let refused: unknown;
      while (refused === undefined) {
        refused = await Promise.race([
          alice
            .request(echo, { text: 'new' }, { timeoutMs: 100 })
            .catch((error: { code: string }) => (error.code === 'timeout' ? undefined : error.code)),
        ]);
      }
      expect(refused).toBe('no-responders');
      release.resolve();
      expect(await reply).toEqual({ text: 'last' });
      await seen.until(1);
      await drained;
      expect(bob.isConnected()).toBe(false);
      expect(() => bob.publish(ticked, { number: 2 })).toThrow(expect.objectContaining({ code: 'closed' }));
      await expect(bob.request(echo, { text: 'late' })).rejects.toMatchObject({ code: 'closed' });
    });

    test('a subscription can end alone', async () => {
      const seen = collector<number>();
      const first = bob.subscribe(ticked, ({ number }) => seen.add(number));
      const all = collector<number>();
      bob.subscribe(ticked, ({ number }) => all.add(number));
      await settled();
      alice.publish(ticked, { number: 1 });
      await all.until(1);
      await first.drain();
      alice.publish(ticked, { number: 2 });
      await all.until(2);
      expect(seen.items).toEqual([1]);
    });

    test('close fails what is in flight and says so', async () => {
      const never = deferred<{ text: string }>();
      const begun = collector<string>();
      bob.handle(echo, { queue: 'echo' }, ({ text }) => {
        begun.add(text);
        return never.promise;
      });
      await settled();
      const closed = nextStatus(alice, 'closed');
      const request = alice.request(echo, { text: 'hi' });
      const failure = expect(request).rejects.toMatchObject({ code: 'closed', subject: 'test.echo' });
      await begun.until(1);
      await alice.close();
      await failure;
      expect(await closed).toEqual({ kind: 'closed' });
      await expect(alice.flush()).rejects.toMatchObject({ code: 'closed' });
    });
  });

  describe("the broker's death", () => {
    test('fails everything at once; its return restores subscriptions', async () => {
      const begun = collector<string>();
      const never = deferred<{ text: string }>();
      const seen = collector<number>();
      bob.handle(echo, { queue: 'echo' }, ({ text }) => {
        begun.add(text);
        return text === 'hang' ? never.promise : { text };
      });
      bob.subscribe(ticked, ({ number }) => seen.add(number));
      await settled();
      const hanging = alice.request(echo, { text: 'hang' }, { timeoutMs: 60_000 });
      const failure = expect(hanging).rejects.toMatchObject({ code: 'disconnected' });
      await begun.until(1);

      const lost = [nextStatus(alice, 'disconnected'), nextStatus(bob, 'disconnected')];
      await world.kill();
      await failure;
      await Promise.all(lost);
      expect(alice.isConnected()).toBe(false);
      expect(alice.counters().disconnects).toBe(1);
      expect(() => alice.publish(ticked, { number: 1 })).toThrow(
        expect.objectContaining({ code: 'disconnected' }),
      );
      await expect(alice.flush()).rejects.toMatchObject({ code: 'disconnected' });
      await expect(alice.request(echo, { text: 'hi' })).rejects.toMatchObject({ code: 'disconnected' });

      const back = [nextStatus(alice, 'reconnected'), nextStatus(bob, 'reconnected')];
      await world.revive();
      await Promise.all(back);
      await settled();
      expect(await alice.request(echo, { text: 'again' })).toEqual({ text: 'again' });
      alice.publish(ticked, { number: 2 });
      await seen.until(1);
      expect(seen.items).toEqual([2]);
    });

    test('loses nothing that a flush confirmed to a living subscriber', async () => {
      const seen = collector<number>();
      bob.subscribe(ticked, ({ number }) => seen.add(number));
      await settled();
      for (let number = 0; number < 500; number += 1) alice.publish(ticked, { number });
      await alice.flush();
      await seen.until(500);
      await world.kill();
      await expect(alice.flush()).rejects.toMatchObject({ code: 'disconnected' });
      expect(seen.items).toHaveLength(500);
    });

    test("doesn't keep anybody from draining", async () => {
      bob.handle(echo, { queue: 'echo' }, ({ text }) => ({ text }));
      bob.subscribe(ticked, () => undefined);
      await settled();
      const lost = nextStatus(bob, 'disconnected');
      await world.kill();
      await lost;
      await bob.drain();
      expect(bob.isConnected()).toBe(false);
    });
  });
});
