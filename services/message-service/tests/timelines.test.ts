import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commit, converse, duo, message, readAll, say } from './conversation.js';
import { openLog, type TestLog } from './database.js';
import { newPerson, seqOf } from './messages.js';

let world: TestLog;
beforeAll(async () => {
  world = await openLog();
});
afterAll(() => world.end());

const restore = async () =>
  (await world.database.query<{ no: string }>('SELECT messages.note_timeline_v1(true) AS no')).map(({ no }) =>
    Number(no),
  )[0] as number;

test('a restore begins a timeline; sync tells where each log was cut, and new tokens count from there', async () => {
  const [alice, bob] = [newPerson(), newPerson()];
  const quiet = await converse(world.log, [alice, bob]);
  const written = await converse(world.log, [alice, bob]);
  await say(world.log, message(written, alice, { n: 1 }));
  const before = await world.log.syncDevice(bob, undefined);

  const timeline = await restore();
  expect(timeline).toBeGreaterThan(before.timeline);
  const { timeline: ack, verdicts } = await world.log.append([message(written, alice, { n: 2 })]);
  expect(ack).toBe(timeline);
  expect(verdicts).toMatchObject([{ kind: 'stored', seq: 3 }]);
  await world.log.append([message(written, alice, { n: 3 })]);

  const after = await world.log.syncDevice(bob, before.since);
  expect(after.timeline).toBe(timeline);
  expect(after.conversations.sort((a, b) => a.head - b.head)).toMatchObject([
    { id: quiet, head: 1, fork: 1, timeline: before.timeline },
    { id: written, head: 4, fork: 2, timeline },
  ]);
  const next = await world.log.syncDevice(bob, after.since);
  expect(next.conversations).toEqual([]);
  const { timeline: page } = await world.log.fetchEntries(bob, [
    { conversation: written, after: seqOf(2), limit: 10 },
  ]);
  expect(page).toBe(timeline);
});

test('a device that slept through two restores goes back to the earlier cut', async () => {
  const { alice, bob, conversation } = await duo(world.log);
  await say(world.log, message(conversation, alice, { n: 1 }));
  const { since } = await world.log.syncDevice(bob, undefined);
  await restore();
  await say(world.log, message(conversation, alice, { n: 2 }));
  const once = await world.log.syncDevice(alice, undefined);
  await restore();
  expect(await world.log.appendCommit(commit(conversation, alice, {}))).toMatchObject({
    kind: 'stored',
    seq: 4,
  });
  expect((await world.log.syncDevice(bob, since)).conversations).toMatchObject([{ head: 4, fork: 2 }]);
  expect((await world.log.syncDevice(alice, once.since)).conversations).toMatchObject([{ head: 4, fork: 3 }]);
  expect((await readAll(world.log, bob, { conversation, after: 1 })).entries).toHaveLength(3);
});

test('a conversation born under the new timeline has no cut', async () => {
  const { since } = await world.log.syncDevice(newPerson(), undefined);
  await restore();
  const { bob } = await duo(world.log);
  const { conversations } = await world.log.syncDevice(bob, since);
  expect(conversations).toHaveLength(1);
  expect(conversations[0]).not.toHaveProperty('fork');
});

test('the same database on the same timeline stays what it is, for any number of connections', async () => {
  const [before] = await world.database.query<{ count: string }>('SELECT count(*) FROM messages.timelines');
  await Promise.all(
    Array.from({ length: 6 }, () => world.database.query('SELECT messages.note_timeline_v1()')),
  );
  const [after] = await world.database.query<{ count: string }>('SELECT count(*) FROM messages.timelines');
  expect(after).toEqual(before);
});

test('another system, or another WAL timeline, is noted by the next connection, once', async () => {
  await world.database.query('UPDATE messages.timelines SET wal_timeline = wal_timeline - 1');
  const numbers = await Promise.all(
    Array.from({ length: 6 }, () =>
      world.database.query<{ no: string }>('SELECT messages.note_timeline_v1() AS no'),
    ),
  );
  expect(new Set(numbers.map(([row]) => row?.no)).size).toBe(1);
});
