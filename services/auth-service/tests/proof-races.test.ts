import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeBase64url, deleteAccount as deleteOperation, uploadKeyPackages } from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createAuthKeyHasher, type AuthKeyHasher } from '../src/domain/auth-key-hasher.js';
import type { SecretChecks } from '../src/domain/check-secret.js';
import { deleteAccount } from '../src/domain/delete-account.js';
import { createRefreshTokens } from '../src/domain/refresh-token.js';
import { signIn } from '../src/domain/sign-in.js';
import { createAccountStore } from '../src/store/account-store.js';
import { connectDatabase, type Database } from '../src/store/connect-database.js';
import { createSessionStore } from '../src/store/session-store.js';
import { makeKeyPackage } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

/* What is proven takes time to check; what happens meanwhile has to count. */

let world: World;
let database: Database;
let hasher: AuthKeyHasher;
beforeAll(async () => {
  world = await startWorld();
  database = connectDatabase({ databaseUrl: world.database.url, connections: 2 });
  const { pepper } = world.config;
  hasher = await createAuthKeyHasher({ pepper, cost: 4, concurrency: 1, queueLimit: 9 });
});
afterAll(async () => {
  await database.$disconnect();
  await world.stop();
});

const endless = { take: () => Promise.resolve({ ok: true } as const) };
const bytesOf = (user: string) => Buffer.from(user, 'base64url');

/** Real stores, and a hasher that finds the key right just before somebody replaces it. */
function checksDuringWhich({ person }: SignedIn, isReplaced: boolean): SecretChecks {
  return {
    accounts: createAccountStore(database),
    guesses: { atAccountFromAddress: endless, atAccount: endless, fromAddress: endless },
    hasher: {
      ...hasher,
      async verify(authKey, hash) {
        const verification = await hasher.verify(authKey, hash);
        if (isReplaced) {
          const next = await hasher.hash(randomBytes(32));
          if (next.kind !== 'hash') throw new Error(next.kind);
          await world.database.query(
            'update auth.accounts set password_hash = $2, recovery_hash = $2 where user_id = $1',
            [bytesOf(person.userId), next.hash],
          );
        }
        return verification;
      },
    },
  };
}

const proofOf = ({ person }: SignedIn, slot: 'password' | 'recovery') => ({
  slot,
  authKey: decodeBase64url(person.authKeys[slot]),
});

test.each(['password', 'recovery'] as const)(
  'a %s that is replaced while it is checked opens no session',
  async (slot) => {
    const enter = (who: SignedIn, isReplaced: boolean) =>
      signIn(
        {
          ...checksDuringWhich(who, isReplaced),
          sessions: createSessionStore(database),
          refreshTokens: createRefreshTokens(randomBytes(32)),
        },
        {
          ...proofOf(who, slot),
          username: who.person.username,
          deviceId: who.person.device.deviceId,
          address: 'somewhere',
        },
      );
    const alice = await world.register();
    expect((await enter(alice, false)).kind).toBe('signed-in');
    expect((await enter(alice, true)).kind).toBe('wrong-credentials');
    const sessions = await world.database.query('select 1 from auth.sessions where user_id = $1', [
      bytesOf(alice.person.userId),
    ]);
    expect(sessions).toHaveLength(1);
  },
);

test('nor does it delete the account', async () => {
  const alice = await world.register();
  const checks = checksDuringWhich(alice, true);
  const account = await checks.accounts.byId(alice.person.userId);
  if (account === null) throw new Error('nobody registered');
  const outcome = await deleteAccount(checks, {
    account,
    address: 'somewhere',
    proof: proofOf(alice, 'password'),
  });
  expect(outcome.kind).toBe('gone');
  expect(await checks.accounts.byId(alice.person.userId)).not.toBeNull();
});

test('an upload leaves nothing behind an account that is deleted at the same moment', async () => {
  const alice = await world.register();
  const user = bytesOf(alice.person.userId);
  const deleting = new pg.Client(world.database.url);
  await deleting.connect();
  await deleting.query('begin');
  await deleting.query(
    'update auth.accounts set deleted_at = now(), password_hash = null, recovery_hash = null where user_id = $1',
    [user],
  );
  await deleting.query('delete from auth.key_packages where user_id = $1', [user]);
  const uploading = world.call(uploadKeyPackages, {
    token: alice.token,
    body: { keyPackages: [makeKeyPackage()] },
  });
  await Promise.race([uploading, untilSomebodyWaits()]);
  await deleting.query('commit');
  await deleting.end();
  expect((await uploading).status).not.toBe(200);
  expect(await world.database.query('select 1 from auth.key_packages where user_id = $1', [user])).toEqual(
    [],
  );
});

test('after a deletion nothing of the account is left but its name, its lists and its devices', async () => {
  const alice = await world.register();
  await world.call(uploadKeyPackages, { token: alice.token, body: { keyPackages: [makeKeyPackage()] } });
  const proof = { slot: 'password', authKey: alice.person.authKeys.password };
  await world.call(deleteOperation, { token: alice.token, body: { proof } });
  const left: Record<string, number> = {};
  for (const table of ['accounts', 'vaults', 'device_lists', 'devices', 'sessions', 'key_packages']) {
    const rows = await world.database.query(`select 1 from auth.${table} where user_id = $1`, [
      bytesOf(alice.person.userId),
    ]);
    left[table] = rows.length;
  }
  expect(left).toEqual({
    accounts: 1,
    vaults: 0,
    device_lists: 1,
    devices: 1,
    sessions: 0,
    key_packages: 0,
  });
  const [account] = await world.database.query(
    'select username, password_hash, recovery_hash from auth.accounts where user_id = $1',
    [bytesOf(alice.person.userId)],
  );
  expect(account).toEqual({ username: alice.person.username, password_hash: null, recovery_hash: null });
});

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const waiting = await world.database.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (waiting.length > 0) return;
  }
}
