import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appendFrame,
  expiredFrame,
  fetchMessages,
  refreshSession,
  syncedFrame,
  syncMessages,
  type LogEntry,
} from '@wisp/protocol';
import type { Timer } from '@wisp/client';
import type { HostileProxy, Person } from '../src/index.js';
import { lookInStore } from './hostile/look-in-store.js';
import { openStage, type Pair, type Stage } from './hostile/stage.js';
import { newestEntry, tamperEntries } from './hostile/tamper.js';

/* A server that lies about time: what is past, what is not, and what o'clock it is. */

const CANARY = 'canary-7be41d';
const DAY = 24 * 60 * 60 * 1000;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

const afterSend = (ttlSeconds: number): Timer => ({ mode: 'afterSend', ttlSeconds });
const afterRead = (ttlSeconds: number): Timer => ({ mode: 'afterRead', ttlSeconds });

/** Everything that the server says about its clock is off by this. */
function tamperTime(proxy: HostileProxy, wrong: (time: number) => number): void {
  proxy.onAnswer(syncMessages, (answer) => ({ ...answer, time: wrong(answer.time) }));
  proxy.onAnswer(fetchMessages, (answer) => ({ ...answer, time: wrong(answer.time) }));
  proxy.onAnswer(refreshSession, (answer) => ({
    ...answer,
    time: wrong(answer.time),
    expiresAt: wrong(answer.expiresAt),
  }));
  proxy.onFrame(syncedFrame, (frame) => [{ ...frame, time: wrong(frame.time) }]);
}

/** Makes the engine hear the server's clock again. */
async function hearsTheClock(person: Person, proxy: HostileProxy): Promise<void> {
  const before = proxy.framesOf(syncedFrame).length;
  proxy.dropSockets();
  await person.engine.wake();
  await person.waitFor(
    () => Promise.resolve(proxy.framesOf(syncedFrame).length > before ? true : undefined),
    'the server’s clock',
  );
}

describe('an event that isn’t so', () => {
  test('wipes nothing that is permanent, nor what was read and has its time to run', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    await alice.says('for good');
    await bob.says('for good too');
    await alice.says('read and running', { timer: afterRead(3600) });
    await bob.sees('read and running');
    await bob.looks();
    await bob.seesState('for good too', 'sent');
    const before = await bob.texts();
    const newest = (await newestEntry(stage.world, conversation)).seq;
    const seqs = Array.from({ length: newest }, (_, i) => i + 1);
    proxy.push(expiredFrame, { timeline: 1, conversation, seqs });
    tamperEntries(proxy, (entries) => entries.filter(({ seq }) => seq > newest));
    await alice.says('after the lie');
    await bob.sees('after the lie');
    expect(await bob.texts()).toEqual([...before, 'after the lie']);
    await bob.reload();
    expect(await bob.texts()).toEqual([...before, 'after the lie']);
  }, 120_000);

  test('takes what has a timer and hasn’t begun, or runs from acceptance, before its time', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    for (const [text, timer] of [
      ['runs from acceptance', afterSend(3600)],
      ['unread', afterRead(3600)],
    ] as const) {
      await alice.says(text, { timer });
      await bob.sees(text);
      const { seq } = await newestEntry(stage.world, conversation);
      proxy.push(expiredFrame, { timeline: 1, conversation, seqs: [seq] });
      await bob.seesNoMore(text);
    }
    await alice.says('no alarm');
    await bob.sees('no alarm');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('of another conversation, or of a place that isn’t there, does nothing', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    await alice.says('stays', { timer: afterSend(3600) });
    await bob.sees('stays');
    const { seq } = await newestEntry(stage.world, conversation);
    const elsewhere = crypto.randomUUID();
    proxy.push(expiredFrame, { timeline: 1, conversation: elsewhere, seqs: [seq] });
    proxy.push(expiredFrame, { timeline: 1, conversation, seqs: [seq + 1, 2 ** 53 - 1] });
    await alice.says('after it');
    await bob.sees('after it');
    expect(await bob.texts()).toContain('stays');
  }, 120_000);
});

describe('an event that is withheld', () => {
  for (const ttl of [5, 30]) {
    test(`a canary of ${ttl} s is gone from both devices at its time`, async () => {
      const { alice, bob, proxy } = await stage.pair();
      // The server keeps the entry, too, and goes on serving it without its deadline.
      proxy.onFrame(expiredFrame, () => []);
      const kept: LogEntry[] = [];
      tamperEntries(proxy, (entries) => {
        kept.push(...entries);
        return entries.map(({ expiresAt: _, ...entry }) => entry);
      });
      await alice.says(CANARY, { timer: afterSend(ttl) });
      await bob.sees(CANARY);
      await alice.seesState(CANARY, 'sent');
      expect(kept).not.toEqual([]);
      for (const person of [alice, bob]) {
        expect(await person.texts()).toContain(CANARY);
        person.clock.advance(ttl * 1000);
        await person.seesNoMore(CANARY);
        expect(await lookInStore(person, CANARY)).toEqual([]);
      }
    }, 120_000);
  }

  test('the look into the store sees what is there', async () => {
    const { alice, bob } = await stage.pair();
    await alice.says(CANARY, { timer: afterSend(3600) });
    await bob.sees(CANARY);
    expect((await lookInStore(bob, CANARY)).map((place) => place.split(' ')[0])).toEqual(['messages']);
  }, 120_000);
});

describe('a clock that lies', () => {
  /** The server's clock is further behind the device's than this, and the person can see it. */
  const isShown = (person: Person, atLeast: number) =>
    person.waitFor(
      async () => (await person.engine.connection()).clockSkewMs < atLeast || undefined,
      'the difference of the clocks',
    );

  async function saysAndLies(pair: Pair, wrong: (time: number) => number): Promise<void> {
    const { alice, bob, proxy } = pair;
    await alice.says(CANARY, { timer: afterSend(60) });
    await bob.sees(CANARY);
    await bob.says(`${CANARY} own`, { timer: afterSend(60) });
    await bob.seesState(`${CANARY} own`, 'sent');
    await alice.says(`${CANARY} read`, { timer: afterRead(60) });
    await bob.sees(`${CANARY} read`);
    await bob.looks();
    tamperTime(proxy, wrong);
    await hearsTheClock(bob, proxy);
  }

  test('set back by a day: nothing lives longer for it, and the difference is shown', async () => {
    const pair = await stage.pair();
    const { bob } = pair;
    await saysAndLies(pair, (time) => time - DAY);
    await isShown(bob, -DAY + 60_000);
    bob.clock.advance(61_000);
    for (const text of [CANARY, `${CANARY} own`, `${CANARY} read`]) await bob.seesNoMore(text);
    expect(await lookInStore(bob, CANARY)).toEqual([]);
  }, 120_000);

  test('set back a little at a time: nothing gains by it', async () => {
    const pair = await stage.pair();
    const { alice, bob, proxy } = pair;
    let back = 0;
    await saysAndLies(pair, (time) => time - back);
    const [synced] = proxy.framesOf(syncedFrame).slice(-1);
    if (synced === undefined) throw new Error('bob has never been connected');
    for (let step = 0; step < 60; step += 1) {
      back += 1900;
      proxy.push(syncedFrame, { ...synced, time: synced.time - back });
    }
    await alice.says('they have come by');
    await bob.sees('they have come by');
    bob.clock.advance(61_000);
    for (const text of [CANARY, `${CANARY} own`, `${CANARY} read`]) await bob.seesNoMore(text);
    await isShown(bob, -100_000);
  }, 120_000);

  test('set forward by a day: what has a timer goes early, what has none stays', async () => {
    const pair = await stage.pair();
    const { alice, bob } = pair;
    await saysAndLies(pair, (time) => time + DAY);
    for (const text of [CANARY, `${CANARY} own`, `${CANARY} read`]) await bob.seesNoMore(text);
    await alice.says('permanent');
    await bob.sees('permanent');
    expect(await bob.texts()).toEqual(['hi', 'hi yourself', 'permanent']);
  }, 120_000);

  test('beyond any calendar: the engine goes on, and its store stays readable', async () => {
    const pair = await stage.pair();
    const { alice, bob, proxy } = pair;
    tamperTime(proxy, () => 8.64e15);
    await hearsTheClock(bob, proxy);
    await alice.says('received in another age');
    await bob.sees('received in another age');
    await bob.says('sent in another age', { timer: afterSend(60) });
    await alice.sees('sent in another age');
    proxy.repent();
    await bob.reload();
    expect(await bob.texts()).toContain('received in another age');
  }, 120_000);

  test('acceptance in the future: nobody’s copy outlives the timer that it was given', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const later = 8.64e15;
    tamperEntries(proxy, (entries) =>
      entries.map((entry) => ({ ...entry, acceptedAt: later, expiresAt: later })),
    );
    proxy.onAck(appendFrame, (ack) => [
      {
        ...ack,
        results: ack.results.map((result) =>
          result.status === 'stored' ? { ...result, acceptedAt: later } : result,
        ),
      },
    ]);
    await alice.says(CANARY, { timer: afterSend(60) });
    await bob.sees(CANARY);
    for (const [text, timer] of [
      [`${CANARY} own`, afterSend(60)],
      [`${CANARY} own until read`, afterRead(60)],
    ] as const) {
      await bob.says(text, { timer });
      await bob.seesState(text, 'sent');
    }
    const slip = await alice.says('a slip');
    await bob.sees('a slip');
    await alice.engine.deleteForEveryone({ conversation: slip.conversation, key: slip.key });
    await bob.seesNoMore('a slip');
    bob.clock.advance(61_000);
    for (const text of [CANARY, `${CANARY} own`, `${CANARY} own until read`]) await bob.seesNoMore(text);
    await bob.reload();
    expect(await bob.texts()).toEqual(['hi', 'hi yourself']);
  }, 120_000);

  test('acceptance in the past: what has a timer is never shown, and nothing else changes', async () => {
    const { alice, bob, proxy } = await stage.pair();
    tamperEntries(proxy, (entries) =>
      entries.map((entry) => ({
        ...entry,
        acceptedAt: entry.acceptedAt - DAY,
        ...(entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt - DAY }),
      })),
    );
    await alice.says(CANARY, { timer: afterSend(60) });
    await alice.says('permanent');
    await bob.sees('permanent');
    expect(await bob.texts()).not.toContain(CANARY);
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);
});
