import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { accountEngine, type AccountEngine } from './account-engine.js';
import { handClock, type HandClock } from './hand-clock.js';
import { diesAfter } from './mortal-home.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

const ada = { username: 'ada', password: 'five plain words make sense' };
const withPassword = { username: 'ada', secret: { kind: 'password', text: ada.password } } as const;

let server: StandInAuth;
let clock: HandClock;
let folder: string;

beforeEach(async () => {
  server = await standInAuth();
  clock = handClock(server.time);
  folder = await mkdtemp(join(tmpdir(), 'wisp-kills-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `work` in an engine that dies after a number of durable steps; answers whether it lived. */
async function killAfter(
  steps: number,
  work: (engine: AccountEngine) => Promise<unknown>,
): Promise<'lived' | 'died'> {
  const mortal = diesAfter(steps);
  const engine = accountEngine({ baseUrl: server.baseUrl, folder, clock, wrapHome: mortal.wrap });
  try {
    await engine.account.start();
    await work(engine);
  } catch (error) {
    if (!mortal.isDead) throw error;
  }
  await engine.account.close();
  return mortal.isDead ? 'died' : 'lived';
}

async function withEngine<Value>(work: (engine: AccountEngine) => Promise<Value>): Promise<Value> {
  const engine = accountEngine({ baseUrl: server.baseUrl, folder, clock });
  try {
    return await work(engine);
  } finally {
    await engine.account.close();
  }
}

test('a registration that is killed at any step ends in one account, whose words are known', async () => {
  let deaths = 0;
  for (let steps = 1; (await killAfter(steps, ({ account }) => account.register(ada))) === 'died'; steps++) {
    deaths++;
    await withEngine(async ({ account }) => {
      const start = await account.start();
      if (start.kind === 'nobody') await account.register(ada);
      const { words } = await account.recoveryWords();
      const questions = await account.recoveryQuestions();
      await account.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
      expect(account.signedIn()?.self.userId).toBe(server.users.get('ada')?.userId);
      expect(server.users.size).toBe(1);
      await account.refresh({ conversations: 0 });
      expect(account.signedIn()).not.toBeNull();
      await account.signOut({ store: 'erase' });
    });
    server.users.clear();
    server.keyPackages.clear();
  }
  expect(deaths).toBeGreaterThanOrEqual(5);
});

test('a sign-out and a sign-in that are killed at any step lose nothing', async () => {
  await withEngine(async ({ account }) => {
    await account.start();
    await account.register(ada);
    await account
      .signedIn()
      ?.store.commit([{ kind: 'put', collection: 'c', key: 'k', value: new Uint8Array([1]) }]);
  });
  let deaths = 0;
  for (let steps = 1; ; steps++) {
    const end = await killAfter(steps, async ({ account }) => {
      if (account.signedIn()) await account.signOut({ store: 'keep' });
      await account.signIn(withPassword);
    });
    await withEngine(async ({ account }) => {
      await account.start();
      await account.refresh({ conversations: 0 });
      // A new cookie may have died with the engine; then the session is over and the store locked.
      const start = await account.start();
      if (start.kind === 'signed-out') await account.signIn(withPassword);
      expect(await account.signedIn()?.store.get('c', 'k')).toEqual(new Uint8Array([1]));
    });
    if (end === 'lived') break;
    deaths++;
  }
  expect(deaths).toBeGreaterThanOrEqual(4);
});
