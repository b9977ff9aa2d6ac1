import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Person } from '../src/index.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { sweepLog } from './sweep-log.js';

/* A server keeps messages without a timer for a year, and says so: who was away for longer is told of no lie. */

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365;

let stage: BareWorld;
let alice: Person;
let bob: Person;
let pairs = 0;

beforeAll(async () => {
  stage = await openBareWorld();
}, 120_000);

afterAll(() => stage.close());

beforeEach(async () => {
  pairs += 1;
  alice = await stage.world.person(`alice${pairs}`);
  bob = await stage.world.person(`bob${pairs}`);
  await alice.chatWith(bob);
  await bob.hearsFrom(alice);
  await alice.says('before');
  await bob.sees('before');
  await bob.says('so long');
  await alice.sees('so long');
}, 60_000);

/** No session lasts for so long: they sign in again, on the same device. */
async function signsInAgain(person: Person): Promise<void> {
  await person.waitFor(
    async () => ((await person.engine.start()).kind === 'signed-out' ? true : undefined),
    'the end of the session',
  );
  const secret = { kind: 'password', text: person.password } as const;
  await person.engine.signIn({ username: person.name, secret });
}

async function isSent(text: string): Promise<void> {
  await alice.says(text);
  await alice.seesState(text, 'sent');
}

async function daysPass(days: number): Promise<void> {
  await stage.world.timePasses(days * DAY);
  await sweepLog(stage.database, { messages: YEAR, commits: 90 });
}

/** No hold, and what is said goes to and fro. */
async function chatOn(): Promise<void> {
  await bob.says('here again');
  await alice.sees('here again');
  await alice.says('at last');
  await bob.sees('at last');
  expect(await bob.onlyChat()).toMatchObject({ hold: null });
}

test('what is newer than the retention is there, what is older has gone, and nothing is held', async () => {
  bob.goesOffline();
  await isSent('too old');
  await isSent('too old as well');
  await daysPass(400);
  await signsInAgain(alice);
  await isSent('new');
  await bob.comesBack();
  await signsInAgain(bob);
  const { order } = await bob.sees('new');
  expect(await bob.texts()).toEqual(['before', 'so long', 'new']);
  const { hold, goneAt } = await bob.onlyChat();
  expect(hold).toBeNull();
  expect(goneAt).toBeLessThanOrEqual(order);
  await chatOn();
}, 120_000);

test('so it is where the sender is heard only after the return', async () => {
  bob.goesOffline();
  await isSent('too old');
  await daysPass(400);
  await signsInAgain(alice);
  await bob.comesBack();
  await signsInAgain(bob);
  await chatOn();
  expect(await bob.texts()).not.toContain('too old');
  await bob.reload();
  await isSent('after a reload');
  await bob.sees('after a reload');
  expect(await bob.onlyChat()).toMatchObject({ hold: null });
}, 120_000);
