import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openKeep, writeKeep } from '@wisp/e2ee';
import {
  decodeBase64url,
  encodeBase64url,
  userId,
  username,
  type UserId,
  type VaultKeep,
} from '@wisp/protocol';
import { readAccount } from '../src/account/account-records.js';
import { accountEngine, type AccountEngine } from './account-engine.js';
import { handClock } from './hand-clock.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

const PASSWORD = 'five plain words make sense';

let server: StandInAuth;
let folder: string;
let ada: AccountEngine;
let bob: AccountEngine;

beforeEach(async () => {
  server = await standInAuth();
  folder = await mkdtemp(join(tmpdir(), 'wisp-keep-'));
  [ada, bob] = [await register('ada'), await register('bob')];
});
afterEach(async () => {
  for (const { account } of [ada, bob]) await account.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function register(name: string): Promise<AccountEngine> {
  const clock = handClock(server.time);
  const engine = accountEngine({ baseUrl: server.baseUrl, folder: join(folder, name), clock });
  await engine.account.start();
  const { words } = await engine.account.register({ username: name, password: PASSWORD });
  const questions = await engine.account.recoveryQuestions();
  await engine.account.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
  return engine;
}

function signedIn({ account }: AccountEngine) {
  const here = account.signedIn();
  if (here === null) throw new Error('nobody is signed in');
  return here;
}

/** The server's, of Ada. */
function storedVault(): { vault: string; vaultWrites: number } {
  const user = server.users.get('ada');
  if (user === undefined) throw new Error('Ada is unknown here');
  return user;
}

async function keepKey(): Promise<Uint8Array> {
  const record = await readAccount(signedIn(ada).store, 'self');
  if (record === null) throw new Error('the store has no owner');
  return record.keepKey;
}

async function keep(): Promise<VaultKeep> {
  const verdict = await openKeep(decodeBase64url(storedVault().vault), {
    userId: signedIn(ada).self.userId,
    keepKey: await keepKey(),
    atLeastVersion: 1,
  });
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.keep;
}

/** As another device of Ada's would. */
async function writeAs(change: (present: VaultKeep) => Omit<VaultKeep, 'version'>): Promise<void> {
  const written = await writeKeep(decodeBase64url(storedVault().vault), {
    userId: signedIn(ada).self.userId,
    keepKey: await keepKey(),
    atLeastVersion: 1,
    change,
  });
  if (written.kind === 'refused') throw new Error(written.reason);
  storedVault().vault = encodeBase64url(written.vault);
  storedVault().vaultWrites += 1;
}

async function findBob(): Promise<UserId> {
  const found = await signedIn(ada).contacts.find(username.parse('bob'));
  if (found.kind !== 'found') throw new Error(found.kind);
  return found.value.userId;
}
const save = () => ada.account.refresh({ conversations: 0 });
const writings = () => server.calls.filter((name) => name === 'putVault').length;
const refusals = () => ada.events.filter(({ type }) => type === 'ownVaultRefused');

test('whom a device knows and has verified stands in the vault', async () => {
  await save();
  expect(writings()).toBe(0);
  const bobId = await findBob();
  await save();
  expect(await keep()).toMatchObject({
    version: 2,
    pins: [{ userId: bobId, username: 'bob', listVersion: 1 }],
    verifications: [],
  });

  await signedIn(ada).contacts.setVerified(bobId, true);
  await save();
  const verified = await keep();
  expect(verified.verifications).toEqual([{ userId: bobId, verifiedAt: server.time }]);

  await signedIn(ada).contacts.setVerified(bobId, false);
  await save();
  expect(await keep()).toMatchObject({ pins: [{ userId: bobId }], verifications: [] });
});

test('nothing is written twice, and nothing that didn’t move', async () => {
  await findBob();
  await save();
  await save();
  await save();
  expect(writings()).toBe(1);
});

test('what the network spoilt is written at the next connect', async () => {
  const bobId = await findBob();
  server.mischief.set('putVault', { cut: true });
  await save();
  expect((await keep()).pins).toEqual([]);
  server.mischief.set('putVault', { lose: true });
  await save();
  server.mischief.clear();
  await save();
  expect((await keep()).pins).toMatchObject([{ userId: bobId }]);
});

test('what another device wrote of others stays, also when it writes at the same moment', async () => {
  const bobId = await findBob();
  const other = userId.parse('B'.repeat(42) + 'A');
  const pin = {
    userId: other,
    username: username.parse('carol'),
    listVersion: 3,
    listHash: new Uint8Array(32),
  };
  let interrupted = false;
  server.mischief.set('getVault', {
    tamper: (answer: { vault: string; etag: string }) => {
      if (interrupted) return answer;
      interrupted = true;
      // The answer is on its way, and by now there is a newer vault.
      return { ...answer, etag: '"stale"' };
    },
  });
  await writeAs((present) => ({ ...present, pins: [...present.pins, pin] }));
  await save();
  expect((await keep()).pins.map(({ userId: id }) => id).sort()).toEqual([bobId, other].sort());
  expect(writings()).toBe(2);
});

test('an older vault is refused: nothing is written over the newer one, and no sign-in follows', async () => {
  const bobId = await findBob();
  const { vault: older } = storedVault();
  await save();
  const { vault: newer } = storedVault();
  storedVault().vault = older;
  await signedIn(ada).contacts.setVerified(bobId, true);
  await save();
  expect(writings()).toBe(1);
  expect(refusals()).toContainEqual({ type: 'ownVaultRefused', reason: 'old-keep' });

  await ada.account.signOut({ store: 'keep' });
  const secret = { kind: 'password', text: PASSWORD } as const;
  const signIn = () => ada.account.signIn({ username: 'ada', secret });
  await expect(signIn()).rejects.toMatchObject({ code: 'server-refused' });
  storedVault().vault = newer;
  expect(await signIn()).toMatchObject({ username: 'ada' });
  await save();
  expect((await keep()).verifications).toMatchObject([{ userId: bobId }]);
});

test('a damaged vault changes nothing and is told', async () => {
  await findBob();
  storedVault().vault = encodeBase64url(crypto.getRandomValues(new Uint8Array(500)));
  await save();
  expect(writings()).toBe(0);
  expect(refusals()).toEqual([{ type: 'ownVaultRefused', reason: 'malformed' }]);
});
