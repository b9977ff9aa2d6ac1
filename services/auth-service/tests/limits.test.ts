import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  changePassword,
  createAccount,
  createSession,
  deleteAccount,
  encodeBase64url,
  findUser,
  listSessions,
} from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import { createPerson, encodeVault, makeVault, nextList, registrationOf } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld({ limits: 'real', config: { registrationsPerHour: 12 } })));
afterAll(() => world.stop());

const wrong = () => encodeBase64url(randomBytes(32));
const guess = (username: string, authKey = wrong()) =>
  world.call(createSession, { body: { username, slot: 'password', authKey } });

async function exhaust(ask: () => Promise<{ status: number }>, most: number): Promise<number> {
  for (let i = 0; i < most; i++) if ((await ask()).status === 429) return i;
  throw new Error(`no limit within ${most}`);
}

test('guesses at an account: the sixth waits for seconds, the right key as well', async () => {
  const { person } = await world.register();
  expect(await exhaust(() => guess(person.username), 10)).toBe(5);
  const refused = await guess(person.username, person.authKeys.password);
  expect(refused.problem.code).toBe('rate-limited');
  const { retryAfter = 0 } = refused.problem;
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(20);
  expect(refused.headers.get('retry-after')).toBe(String(retryAfter));
  expect(refused.problem.detail).toMatch(new RegExp(`^Next try in ${retryAfter} seconds?\\.$`));
  // Another account from the same address isn't held up.
  const other = await world.register();
  await world.signIn(other.person);
});

test('a name that nobody has is held up alike', async () => {
  expect(await exhaust(() => guess('nobody.here'), 10)).toBe(5);
});

test.each([
  [
    'deleting',
    (who: SignedIn) =>
      world.call(deleteAccount, {
        token: who.token,
        body: { proof: { slot: 'password', authKey: wrong() } },
      }),
  ],
  [
    'a new password',
    (who: SignedIn) =>
      world.call(changePassword, {
        token: who.token,
        body: {
          proof: { slot: 'password', authKey: wrong() },
          authKeys: { password: wrong(), recovery: wrong() },
          vault: encodeVault(makeVault({ version: 2 })),
          deviceList: encodeBase64url(nextList(who.person, who.person.first, { vaultVersion: 2 })),
        },
      }),
  ],
  [
    'a repeated registration',
    (who: SignedIn) =>
      world.call(createAccount, {
        body: registrationOf(who.person, { authKeys: { password: wrong(), recovery: wrong() } }),
      }),
  ],
])('the proof of %s is no way around', async (_, ask) => {
  const who = await world.register();
  for (let i = 0; i < 5; i++) await guess(who.person.username);
  expect((await ask(who)).problem.code).toBe('rate-limited');
  expect((await world.call(listSessions, { token: who.token })).status).toBe(200);
});

test('searching for names ends at 60 a minute', async () => {
  const { token } = await world.register();
  const ask = () => world.call(findUser, { token, query: { username: 'somebody' } });
  expect(await exhaust(ask, 70)).toBe(60);
});

test('searching from one address ends, with however many accounts', async () => {
  const crowd = await startWorld({ limits: 'real' });
  try {
    const searchers = await Promise.all(Array.from({ length: 11 }, () => crowd.register()));
    const search = ({ token }: SignedIn) => crowd.call(findUser, { token, query: { username: 'somebody' } });
    for (const searcher of searchers.slice(0, 10)) {
      const answers = await Promise.all(Array.from({ length: 60 }, () => search(searcher)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    }
    expect((await search(searchers[10]!)).problem.code).toBe('rate-limited');
  } finally {
    await crowd.stop();
  }
});

test('registrations from one address end', async () => {
  const register = () => world.call(createAccount, { body: registrationOf(createPerson(world.serverId)) });
  await exhaust(register, 13);
  expect((await register()).problem.code).toBe('rate-limited');
});
