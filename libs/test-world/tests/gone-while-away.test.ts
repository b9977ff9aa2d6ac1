import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Timer } from '@wisp/client';
import { entriesFrame, headFrame, syncedFrame } from '@wisp/protocol';
import { openHostileProxy, openWorld, Person, type World } from '../src/index.js';
import { readLog } from '../src/read-log.js';

/* "Messages sent while you were away have gone": said when it is so, and only then. */

const MINUTE = 60_000;
/** The longest that a device lets pass between two syncs. */
const SYNC_AT_LATEST = 7.5 * MINUTE;
const afterSend = (ttlSeconds: number): Timer => ({ mode: 'afterSend', ttlSeconds });

let world: World;
let alice: Person;
let bob: Person;
let pairs = 0;

beforeAll(async () => {
  world = await openWorld();
}, 120_000);

afterAll(() => world.close());

beforeEach(async () => {
  pairs += 1;
  alice = await world.person(`alice${pairs}`);
  bob = await world.person(`bob${pairs}`);
  await alice.chatWith(bob);
  await bob.hearsFrom(alice);
}, 60_000);

const seesTheLine = (person: Person) =>
  person.waitFor(async () => ((await person.onlyChat()).goneAt === null ? undefined : true), 'the line');

/** Back, and everything read: the second mark comes once the catching up is through. */
async function returns(): Promise<void> {
  await bob.comesBack();
  for (const mark of ['a first mark', 'a second mark']) {
    await alice.says(mark);
    await bob.sees(mark);
  }
}

/** How many lines the server's log of this pair has. */
async function lengthOfLog(): Promise<number> {
  const { id } = await alice.onlyChat();
  return (await readLog(world.databaseUrl)).filter((line) => line.startsWith(id)).length;
}

const logBecomes = (length: number) =>
  alice.waitFor(
    async () => ((await lengthOfLog()) === length ? true : undefined),
    `a log of ${length} lines`,
  );

/** Bob is away when the receipt for a message of his comes. */
async function missesReceipt(): Promise<void> {
  await bob.says('mine', { timer: afterSend(60) });
  await alice.sees('mine');
  bob.goesOffline();
  const before = await lengthOfLog();
  await alice.looks();
  await logBecomes(before + 1);
}

describe('it says so', () => {
  test('when a message came and went; over a reload; until the person leaves the chat', async () => {
    await alice.says('stays');
    await bob.sees('stays');
    bob.goesOffline();
    await alice.says('came', { timer: afterSend(5) });
    await alice.seesState('came', 'sent');
    await alice.says('stays as well');
    await alice.seesState('stays as well', 'sent');
    await world.timePasses(6_000);
    await bob.comesBack();
    await seesTheLine(bob);
    const stays = await bob.sees('stays');
    const staysAsWell = await bob.sees('stays as well');
    const { id, goneAt } = await bob.onlyChat();
    expect(goneAt).toBeGreaterThan(stays.order);
    expect(goneAt).toBeLessThan(staysAsWell.order);
    expect(await bob.texts()).toEqual(['stays', 'stays as well']);

    await bob.reload();
    await bob.engine.watch(id);
    expect((await bob.onlyChat()).goneAt).toBe(goneAt);
    await bob.engine.watch(null);
    expect((await bob.onlyChat()).goneAt).toBeNull();
    await bob.engine.watch(id);
    await returns();
    expect((await bob.onlyChat()).goneAt).toBeNull();
  }, 120_000);

  test('and the chat that is left empty says that everything has gone', async () => {
    bob.goesOffline();
    await alice.says('the only one', { timer: afterSend(5) });
    await alice.seesState('the only one', 'sent');
    await world.timePasses(6_000);
    await bob.comesBack();
    await seesTheLine(bob);
    expect(await bob.onlyChat()).toMatchObject({ emptied: true, snippet: null, unread: 0, hold: null });
  }, 120_000);

  test('beside a receipt that came and went as well', async () => {
    await missesReceipt();
    await alice.says('theirs', { timer: afterSend(60) });
    await alice.seesState('theirs', 'sent');
    await world.timePasses(2 * MINUTE);
    await bob.comesBack();
    await seesTheLine(bob);
  }, 120_000);

  test('when one came late on a line that stood still meanwhile', async () => {
    bob.network.stall();
    await alice.says('came late', { timer: afterSend(5) });
    await alice.seesState('came late', 'sent');
    await world.timePasses(6_000);
    bob.network.flow();
    await seesTheLine(bob);
    expect(await bob.texts()).not.toContain('came late');
  }, 120_000);

  test('where no connection comes about and only what is asked gets through', async () => {
    const proxy = await openHostileProxy(world.url);
    const carol = await Person.register(proxy.url, `carol${pairs}`);
    await alice.chatWith(carol);
    await carol.hearsFrom(alice);
    proxy.onFrame(syncedFrame, () => []);
    proxy.onFrame(entriesFrame, () => []);
    proxy.onFrame(headFrame, () => []);
    proxy.dropSockets();
    await alice.says('goes before the next sync', { timer: afterSend(5) });
    await alice.seesState('goes before the next sync', 'sent');
    await world.timePasses(6_000);
    carol.clock.advance(SYNC_AT_LATEST);
    await seesTheLine(carol);
    await carol.leave();
    await proxy.close();
  }, 120_000);
});

describe('it says nothing', () => {
  test('when nothing was said', async () => {
    await alice.says('before');
    await bob.sees('before');
    bob.goesOffline();
    await returns();
    expect((await bob.onlyChat()).goneAt).toBeNull();
  }, 120_000);

  test('of what came before and died on the device meanwhile', async () => {
    await alice.says('seen in time', { timer: afterSend(60) });
    await bob.sees('seen in time');
    bob.goesOffline();
    await world.timePasses(2 * MINUTE);
    await returns();
    expect(await bob.texts()).not.toContain('seen in time');
    expect((await bob.onlyChat()).goneAt).toBeNull();
  }, 120_000);

  test('of the receipt for an own message', async () => {
    await missesReceipt();
    await world.timePasses(2 * MINUTE);
    await returns();
    expect((await bob.onlyChat()).goneAt).toBeNull();
  }, 120_000);

  test('of an own message whose acknowledgement got lost', async () => {
    await bob.says('before');
    await bob.seesState('before', 'sent');
    bob.network.loseAnswers();
    await bob.says('mine', { timer: afterSend(60) });
    await alice.sees('mine');
    bob.goesOffline();
    await world.timePasses(2 * MINUTE);
    await returns();
    await bob.waitFor(
      async () => ((await bob.read()).some(({ state }) => state?.kind === 'sending') ? undefined : true),
      'an end of its sending',
    );
    expect((await bob.onlyChat()).goneAt).toBeNull();
  }, 120_000);

  test('of what was deleted for everyone: a trace where it had been seen, nothing where it hadn’t', async () => {
    await alice.says('seen');
    await bob.sees('seen');
    bob.goesOffline();
    const unseen = await alice.says('unseen');
    await alice.seesState('unseen', 'sent');
    const before = await lengthOfLog();
    for (const { key, conversation } of [await alice.sees('seen'), unseen])
      await alice.engine.deleteForEveryone({ conversation, key });
    await alice.says('after both');
    await alice.seesState('after both', 'sent');
    // Two deletes in the place of what they deleted.
    await logBecomes(before + 1);
    await returns();
    expect((await bob.read()).filter(({ content }) => content.kind === 'deleted')).toHaveLength(1);
    expect(await bob.onlyChat()).toMatchObject({ goneAt: null, hold: null });
  }, 120_000);
});
