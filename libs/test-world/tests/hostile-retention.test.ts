import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchMessages, syncedFrame, syncMessages, type ConversationId, type Seq } from '@wisp/protocol';
import pg from 'pg';
import type { HostileProxy, Person } from '../src/index.js';
import { openStage, type Stage } from './hostile/stage.js';
import { seesTheLie, seqAfter, tamperEntries, tamperRetention } from './hostile/tamper.js';
import { sweepLog } from './sweep-log.js';

/* A server that hides what it withholds behind the retention that it states. */

const DAY = 24 * 60 * 60 * 1000;
const days = (messages: number) => ({ messages: (messages * DAY) / 1000, commits: (90 * DAY) / 1000 });

let stage: Stage;
let database: pg.Client;

beforeAll(async () => {
  stage = await openStage();
  database = new pg.Client({ connectionString: stage.world.databaseUrl });
  await database.connect();
}, 120_000);

afterAll(async () => {
  await database.end();
  await stage.close();
});

/** Time passes for the server and for Bob's device; Alice's clock doesn't matter here. */
async function daysPass(bob: Person, count: number): Promise<void> {
  await stage.world.timePasses(count * DAY);
  bob.clock.advance(count * DAY);
}

async function isSent(alice: Person, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await alice.says(text);
    await alice.seesState(text, 'sent');
  }
}

/** The newest entry of the log, whether or not it has been shown to anybody. */
async function newestOf(conversation: ConversationId): Promise<Seq> {
  const { rows } = await database.query<{ head: string }>(
    'SELECT head FROM messages.conversations WHERE conversation_id = $1',
    [conversation],
  );
  return Number(rows[0]?.head) as Seq;
}

/** Bob isn't shown the entry that stands so many places after another. */
function hide(proxy: HostileProxy, after: Seq, steps: number): void {
  const hidden = seqAfter({ seq: after }, steps);
  tamperEntries(proxy, (entries) => entries.filter(({ seq }) => seq !== hidden));
}

/** What came after it shows that something was kept back. */
async function missesOne(bob: Person): Promise<void> {
  await bob.sees('shown');
  expect(await seesTheLie(bob)).toContain('1 kept messages missing');
}

test('what was kept back after something newer than the retention is missed, whatever else was swept', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair((liar) => tamperRetention(liar, days(40)));
  const newest = await newestOf(conversation);
  bob.goesOffline();
  await isSent(alice, 'too old', 'too old as well');
  await daysPass(bob, 50);
  await sweepLog(database, { messages: 40, commits: 90 });
  await isSent(alice, 'new', 'kept back', 'shown');
  hide(proxy, newest, 4);
  await bob.comesBack();
  await missesOne(bob);
  expect(await bob.texts()).toEqual(['hi', 'hi yourself', 'new', 'shown']);
}, 120_000);

test('a retention below the floor explains nothing of an absence that is below it as well', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair((liar) => tamperRetention(liar, days(1)));
  const newest = await newestOf(conversation);
  bob.goesOffline();
  await isSent(alice, 'kept back');
  await daysPass(bob, 20);
  await isSent(alice, 'shown');
  hide(proxy, newest, 1);
  await bob.comesBack();
  await missesOne(bob);
}, 120_000);

test('a shorter statement than before explains nothing, over a reload as well', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair();
  const newest = await newestOf(conversation);
  await bob.reload();
  tamperRetention(proxy, days(40));
  bob.goesOffline();
  await isSent(alice, 'kept back');
  await daysPass(bob, 50);
  await isSent(alice, 'shown');
  hide(proxy, newest, 1);
  await bob.comesBack();
  await missesOne(bob);
}, 120_000);

test('a server whose clock is a year ahead explains nothing: the absence goes by the device’s own', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair((liar) => tamperRetention(liar, days(40)));
  const newest = await newestOf(conversation);
  bob.goesOffline();
  await isSent(alice, 'kept back', 'shown');
  hide(proxy, newest, 1);
  const later = <Answer extends { time: number }>(answer: Answer) => ({
    ...answer,
    time: answer.time + 365 * DAY,
  });
  proxy.onFrame(syncedFrame, (frame) => [later(frame)]);
  proxy.onAnswer(syncMessages, later);
  proxy.onAnswer(fetchMessages, later);
  await bob.comesBack();
  await missesOne(bob);
}, 120_000);

test('a device that was there all along lets nothing be explained, however long the chat was silent', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair((liar) => tamperRetention(liar, days(40)));
  const newest = await newestOf(conversation);
  for (let step = 0; step < 5; step += 1) {
    const syncs = proxy.answersOf(syncMessages).length;
    await daysPass(bob, 10);
    await bob.waitFor(
      () => Promise.resolve(proxy.answersOf(syncMessages).length > syncs ? true : undefined),
      'the next sync',
    );
  }
  hide(proxy, newest, 1);
  await isSent(alice, 'kept back', 'shown');
  await missesOne(bob);
}, 120_000);
