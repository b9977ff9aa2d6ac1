import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Person } from '../src/index.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { copyLog, incarnationOf, placesOf, restoreLog } from './repair/restored-server.js';
import { areWell, everything, expectOnce, openPair, talk, unopened, type Pair } from './repair/talk.js';

/*
 * The log alone was restored: group-service knows commits that the log has lost. People chat on, lose nothing that a
 * device holds, see nothing twice, and commits go again.
 */

let stage: BareWorld;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

const HOUR = 3600;

async function setsTimer(who: Person, hours: number): Promise<void> {
  const { id: conversation } = await who.onlyChat();
  await who.engine.setTimer({ conversation, timer: { mode: 'afterRead', ttlSeconds: hours * HOUR } });
}

async function haveTimer(hours: number, ...people: Person[]): Promise<void> {
  for (const who of people)
    await who.waitFor(async () => {
      const { timer } = await who.onlyChat();
      return timer.mode === 'afterRead' && timer.ttlSeconds === hours * HOUR ? true : undefined;
    }, `a timer of ${hours} h`);
}

/** group-service stands where the log does, and nothing is on its way. */
async function untilLevel({ alice, conversation }: Pair): Promise<void> {
  await alice.waitFor(async () => {
    const { log, groups, waiting } = await placesOf(stage.database, conversation);
    return log === groups && waiting === 0 ? true : undefined;
  }, 'group-service to stand where the log does');
}

/** They chat, nothing of this is lost or doubled, the timer can be changed, and group-service follows the log. */
async function chatOn(pair: Pair, before: string[]): Promise<void> {
  const { alice, bob } = pair;
  await talk(pair, 'after');
  await areWell(alice, bob);
  await setsTimer(alice, 7);
  await haveTimer(7, alice, bob);
  await setsTimer(bob, 8);
  await haveTimer(8, alice, bob);
  await talk(pair, 'at last');
  for (const who of [alice, bob]) {
    await expectOnce(who, [...before, ...everything('after'), ...everything('at last')]);
    expect(await unopened(who)).toEqual([]);
  }
  await untilLevel(pair);
}

async function goOffline(...people: Person[]): Promise<void> {
  for (const who of people) who.goesOffline();
}

test('commits that the log has lost and group-service knows', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  await setsTimer(alice, 2);
  await haveTimer(2, alice, bob);
  await talk(pair, 'lost');
  await setsTimer(bob, 3);
  await haveTimer(3, alice, bob);
  await goOffline(alice, bob);
  await restoreLog(stage.database, conversation, copy);
  expect(await placesOf(stage.database, conversation)).toMatchObject({ log: 1, groups: copy.head + 4 });
  await alice.comesBack();
  await bob.comesBack();
  await chatOn(pair, [...everything('before'), ...everything('lost')]);
  expect(await incarnationOf(stage.database, conversation)).toBe(2);
}, 180_000);

test('lost commits, and both were connected all the time', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  await setsTimer(alice, 2);
  await haveTimer(2, alice, bob);
  await talk(pair, 'lost');
  await restoreLog(stage.database, conversation, copy);
  await alice.says('into the restored log');
  await bob.sees('into the restored log');
  await chatOn(pair, [...everything('before'), ...everything('lost'), 'into the restored log']);
}, 180_000);

test('an incarnation that the log has lost', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  await talk(pair, 'lost once');
  await restoreLog(stage.database, conversation, copy);
  await talk(pair, 'lost twice');
  expect(await incarnationOf(stage.database, conversation)).toBe(2);
  await goOffline(alice, bob);
  await restoreLog(stage.database, conversation, copy);
  await bob.comesBack();
  await alice.comesBack();
  await chatOn(pair, [...everything('before'), ...everything('lost once'), ...everything('lost twice')]);
  expect(await incarnationOf(stage.database, conversation)).toBe(3);
}, 180_000);

test('an incarnation that the log has lost before the other one had come to it', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  bob.goesOffline();
  await alice.says('lost once');
  await alice.seesState('lost once', 'sent');
  await restoreLog(stage.database, conversation, copy);
  await alice.says('lost twice');
  await alice.seesState('lost twice', 'sent');
  alice.goesOffline();
  await restoreLog(stage.database, conversation, copy);
  // A Welcome waits for him that no log can back any more.
  await bob.comesBack();
  await bob.getsOnline();
  await alice.comesBack();
  await chatOn(pair, [...everything('before'), 'lost once', 'lost twice']);
}, 180_000);

test('a commit whose answer never came, and which the log then lost', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  await stage.database.query('BEGIN');
  await stage.database.query('SELECT 1 FROM messages.conversations WHERE conversation_id = $1 FOR UPDATE', [
    conversation,
  ]);
  await setsTimer(alice, 2);
  alice.goesOffline();
  await stage.database.query('COMMIT');
  // Another hand finishes it.
  await haveTimer(2, bob);
  bob.goesOffline();
  await untilLevel(pair);
  await restoreLog(stage.database, conversation, copy);
  await alice.comesBack();
  await alice.says('on the old ground');
  await alice.seesState('on the old ground', 'sent');
  await bob.comesBack();
  await chatOn(pair, [...everything('before'), 'on the old ground']);
}, 180_000);

test('a commit that was on its way when the log was restored', async () => {
  const pair = await openPair(stage.world);
  const { alice, conversation } = pair;
  const copy = await copyLog(stage.database, conversation);
  // It comes into the log, and group-service can't write down that it has.
  await stage.database.query('BEGIN');
  await stage.database.query('LOCK TABLE groups.commits IN SHARE MODE');
  await setsTimer(alice, 2);
  const { log, waiting } = await placesOf(stage.database, conversation);
  expect({ isIn: log > copy.head, waiting }).toEqual({ isIn: true, waiting: 1 });
  const other = new pg.Client({ connectionString: stage.world.databaseUrl });
  await other.connect();
  await restoreLog(other, conversation, copy);
  await other.end();
  await stage.database.query('COMMIT');
  await chatOn(pair, everything('before'));
}, 180_000);

test('a conversation that was begun after the copy was made', async () => {
  const pair = await openPair(stage.world);
  const { alice, bob, conversation } = pair;
  await setsTimer(alice, 2);
  await haveTimer(2, alice, bob);
  await restoreLog(stage.database, conversation, 'before creation');
  await bob.says('is anything left');
  await alice.sees('is anything left');
  await chatOn(pair, [...everything('before'), 'is anything left']);
  expect(await incarnationOf(stage.database, conversation)).toBe(2);
}, 180_000);

test('a conversation that was begun after the copy was made, and that the other one had never come to', async () => {
  const [alice, bob] = [await stage.world.person('zoe'), await stage.world.person('yan')];
  bob.goesOffline();
  const conversation = await alice.chatWith(bob);
  await alice.says('hello there');
  await alice.seesState('hello there', 'sent');
  alice.goesOffline();
  await restoreLog(stage.database, conversation, 'before creation');
  await bob.comesBack();
  await bob.getsOnline();
  expect(await bob.engine.conversations()).toEqual([]);
  await alice.comesBack();
  await bob.hearsFrom(alice);
  await bob.sees('hello there');
  await chatOn({ alice, bob, conversation }, ['hello there']);
}, 180_000);
