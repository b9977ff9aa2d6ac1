import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openWorld, randomNumbers, settle, tally, type Person, type World } from '../src/index.js';

/* Every process of a cluster, and an engine, is killed (kill -9) while two people talk and their timer changes. */

const seed = Number(process.env.WISP_SEED ?? 20_261_124);
const random = randomNumbers(seed);
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const DAY = 24 * 60 * 60 * 1000;

let world: World;
let alice: Person;
let bob: Person;
let pair: readonly [Person, Person];
let database: pg.Pool;
let turn = 0;

/** All that was ever said, by whom. */
const said = new Map<Person, string[]>();

beforeAll(async () => {
  world = await openWorld({ as: 'cluster' });
  database = new pg.Pool({ connectionString: world.databaseUrl, max: 1 });
  // The server that it is connected to gets killed, too.
  database.on('error', () => undefined);
  [alice, bob] = pair = [await world.person('alice'), await world.person('bob')];
  for (const person of pair) said.set(person, []);
  await alice.chatWith(bob);
  await bob.hearsFrom(alice);
}, 180_000);

afterAll(async () => {
  await database.end();
  await world.close();
});

async function says(person: Person, text: string): Promise<void> {
  await person.says(text);
  said.get(person)?.push(text);
}

/** Nothing is lost, nothing stands twice or out of order, on either side, and the server's log agrees. */
async function expectAllWell(): Promise<void> {
  await world.recovers();
  await settle(pair, said);
  expect(await tally(pair, said)).toMatchObject({ lost: 0, doubled: 0, reordered: 0 });
  expect(await alice.texts()).toEqual(await bob.texts());
  for (const person of pair) expect((await person.onlyChat()).hold).toBeNull();
  const { rows } = await database.query<{ holes: string; twice: string }>(
    `SELECT count(*) FILTER (WHERE seq - before <> 1) AS holes, count(*) - count(DISTINCT (device_id, n, commit_id)) AS twice
       FROM (SELECT seq, device_id, n, commit_id,
                    lag(seq, 1, 0::bigint) OVER (PARTITION BY conversation_id ORDER BY seq) AS before
               FROM messages.entries) AS e`,
  );
  expect(rows).toEqual([{ holes: '0', twice: '0' }]);
}

const timerSeconds = async (person: Person) => {
  const { timer } = await person.onlyChat();
  return timer.mode === 'off' ? 0 : timer.ttlSeconds;
};

/** The commit goes in, at the latest when the server is whole again; another one's may have been in doubt till then. */
async function changesTimer(person: Person, ttlSeconds: number): Promise<void> {
  const { id } = await person.onlyChat();
  await person.engine.setTimer({ conversation: id, timer: { mode: 'afterSend', ttlSeconds } });
}

describe(`kill -9 while two people talk (WISP_SEED=${seed})`, () => {
  test.each([
    'gateway-1',
    'gateway-2',
    'message-service-1',
    'message-service-2',
    'group-service',
    'auth-service',
    'nats',
    'redis',
    'postgres',
    'caddy',
  ])(
    'of %s',
    async (mortal) => {
      turn += 1;
      const ttlSeconds = YEAR_SECONDS - turn;
      const killAt = Math.floor(random() * 14);
      const isChanging: Promise<void>[] = [];
      for (let i = 0; i < 20; i += 1) {
        await says(random() < 0.5 ? alice : bob, `${mortal} ${i}`);
        if (i === killAt) {
          isChanging.push(changesTimer(alice, ttlSeconds));
          await world.kill(mortal);
        }
      }
      await Promise.all(isChanging);
      await expectAllWell();
      for (const person of pair) {
        await person.waitFor(
          async () => ((await timerSeconds(person)) === ttlSeconds ? true : undefined),
          `the timer of ${ttlSeconds} s`,
        );
      }
    },
    120_000,
  );

  test('of the engine, again and again', async () => {
    await alice.engine.close();
    const texts = said.get(alice) ?? [];
    for (let life = 0, number = 0; life < 4; life += 1) {
      const heard = await talkAndDie({ texts: 1 + Math.floor(random() * 25), from: number });
      texts.push(...heard);
      number += heard.length + 1;
      await says(bob, `bob, life ${life}`);
    }
    await alice.reload();
    // What was stored when the kill came, but not told any more, was said as well.
    const told = new Set(texts);
    const own = (await alice.read()).filter(({ own, content }) => own && content.kind === 'text');
    const all = own.flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
    expect(all.filter((text) => told.has(text))).toEqual(texts);
    said.set(alice, all);
    await expectAllWell();
  }, 240_000);
});

/** Alice's engine in a process of its own, killed once it has said so many. Answers what it said. */
async function talkAndDie({ texts, from }: { texts: number; from: number }): Promise<string[]> {
  const script = fileURLToPath(new URL('./talk-forever.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, alice.network.url, alice.folder, 'alice', String(from)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const exited = once(child, 'exit');
  const heard: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    heard.push(line);
    if (heard.length === texts) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return heard;
}

describe('an answer that gets lost', () => {
  /** Bytes go out and are stored; the person is told nothing of it. */
  async function saysUnheard(text: string, ttlSeconds?: number): Promise<void> {
    const before = await storedEver();
    alice.network.loseAnswers();
    await alice.says(text, ttlSeconds === undefined ? {} : { timer: { mode: 'afterSend', ttlSeconds } });
    await alice.waitFor(
      async () => ((await storedEver()) > before ? true : undefined),
      'the server to store',
    );
    const [message] = (await alice.read()).slice(-1);
    expect(message?.state).toEqual({ kind: 'sending' });
    alice.goesOffline();
  }

  /** Messages that the log has ever held. A healing commit, which may come at any time, is none. */
  async function storedEver(): Promise<number> {
    const { rows } = await database.query<{ sum: string }>('SELECT sum(last_n) FROM messages.members');
    return Number(rows[0]?.sum);
  }

  test('is asked for again: the message stands once', async () => {
    await saysUnheard('did you hear me?');
    said.get(alice)?.push('did you hear me?');
    const stored = await storedEver();
    await alice.comesBack();
    await expectAllWell();
    expect(await storedEver()).toBe(stored);
  }, 60_000);

  test('and the message expires meanwhile: the retry is a duplicate, and nobody sees it again', async () => {
    await saysUnheard('burnt after reading', 5);
    await bob.sees('burnt after reading');
    await bob.seesNoMore('burnt after reading');
    await bob.waitFor(async () => {
      const { rows } = await database.query('SELECT 1 FROM messages.entries WHERE ttl = 5');
      return rows.length === 0 ? true : undefined;
    }, 'the server to delete it');
    const stored = await storedEver();
    await alice.comesBack();
    await says(alice, 'after the retry');
    await bob.sees('after the retry');
    await alice.seesState('after the retry', 'delivered');
    expect(await storedEver()).toBe(stored + 1);
    expect(await bob.texts()).not.toContain('burnt after reading');
    // Her own device held it as unsent; it goes as soon as the answer has told its time.
    await alice.seesNoMore('burnt after reading');
    for (const person of pair) expect((await person.onlyChat()).hold).toBeNull();
  }, 90_000);
});

test('offline for a day: what lasts comes in order, what died is never seen, and both go on', async () => {
  const ttlSeconds = YEAR_SECONDS - 1000;
  bob.goesOffline();
  for (let i = 0; i < 20; i += 1) await says(alice, `while you were away ${i}`);
  await alice.says('gone by tonight', { timer: { mode: 'afterSend', ttlSeconds: 3600 } });
  await changesTimer(alice, ttlSeconds);
  await says(alice, 'the last before the night');
  await alice.seesState('the last before the night', 'sent');
  await world.timePasses(DAY);
  await alice.seesNoMore('gone by tonight');
  await bob.comesBack();
  await says(bob, 'good morning');
  await settle(pair, said);
  expect(await tally(pair, said)).toMatchObject({ lost: 0, doubled: 0, reordered: 0 });
  expect(await bob.texts()).not.toContain('gone by tonight');
  expect(await timerSeconds(bob)).toBe(ttlSeconds);
  for (const person of pair) expect((await person.onlyChat()).hold).toBeNull();
}, 120_000);
