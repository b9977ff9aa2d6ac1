import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  changePassword,
  createSession,
  encodeBase64url,
  getVault,
  listSessions,
  putVault,
  refreshSession,
  vault as vaultStructure,
  decodeBase64url,
  type Vault,
} from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import { encodeVault, makeVault, nextList } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());
const randomKey = () => encodeBase64url(randomBytes(32));

describe('the vault', () => {
  const change = (vault: Vault, changes: Partial<Vault>) => encodeVault({ ...vault, ...changes });
  const read = async (token: string) => {
    const { value, headers } = await world.call(getVault, { token });
    expect(headers.get('etag')).toBe(value.etag);
    return { etag: value.etag, vault: vaultStructure.decode(decodeBase64url(value.vault)) };
  };

  test('its keep can be written, once per etag', async () => {
    const { token } = await world.register();
    const { etag, vault } = await read(token);
    const body = { vault: change(vault, { keep: makeVault().keep }) };
    const written = await world.call(putVault, { token, body, ifMatch: etag });
    expect(written.status).toBe(200);
    const after = await read(token);
    expect(after.etag).toBe(written.value.etag);
    expect(encodeVault(after.vault)).toBe(body.vault);
    // Out of order: an etag that has passed.
    expect((await world.call(putVault, { token, body, ifMatch: etag })).problem.code).toBe(
      'precondition-failed',
    );
  });

  test('two writers with one etag: one wins', async () => {
    const { token } = await world.register();
    const { etag, vault } = await read(token);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        world.call(putVault, {
          token,
          ifMatch: etag,
          body: { vault: change(vault, { keep: makeVault().keep }) },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
  });

  test('nothing but keep can be written so', async () => {
    const { token } = await world.register();
    const { etag, vault } = await read(token);
    const other = makeVault();
    const attempts = [
      change(vault, { slots: other.slots }),
      change(vault, { root: other.root }),
      change(vault, { version: 2 }),
      'AAAA',
    ];
    for (const text of attempts) {
      const refused = await world.call(putVault, { token, ifMatch: etag, body: { vault: text } });
      expect(refused.problem).toMatchObject({ code: 'malformed', field: 'vault' });
    }
    expect((await world.call(putVault, { token, body: { vault: encodeVault(vault) } })).problem.field).toBe(
      'if-match',
    );
    for (const ifMatch of ['*', 'x', '"1.1', `"${'9'.repeat(40)}.1"`]) {
      const refused = await world.call(putVault, { token, ifMatch, body: { vault: encodeVault(vault) } });
      expect(refused.problem.code).toBe('precondition-failed');
    }
    expect((await read(token)).etag).toBe(etag);
  });

  test('above its size: refused', async () => {
    const { token } = await world.register();
    const body = { vault: 'A'.repeat(360_000) };
    expect((await world.call(putVault, { token, ifMatch: '"1.1"', body })).problem.code).toBe('malformed');
  });
});

describe('a new password', () => {
  const newSecrets = (vaultVersion = 2) => ({
    authKeys: { password: randomKey(), recovery: randomKey() },
    vault: encodeVault(makeVault({ version: vaultVersion })),
  });
  const proofOf = ({ person }: SignedIn, slot: 'password' | 'recovery' = 'password') => ({
    slot,
    authKey: person.authKeys[slot],
  });

  test('replaces keys, vault and list at once and ends all other sessions', async () => {
    const alice = await world.register();
    const other = await world.signIn(alice.person, { deviceId: undefined });
    const secrets = newSecrets();
    const deviceList = encodeBase64url(nextList(alice.person, alice.person.first, { vaultVersion: 2 }));
    const body = { proof: proofOf(alice), ...secrets, deviceList };
    expect((await world.call(changePassword, { token: alice.token, body })).status).toBe(204);

    expect((await world.call(listSessions, { token: other.token })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: other.cookie })).problem.code).toBe('session-ended');
    const { value } = await world.call(getVault, { token: alice.token });
    expect(value.vault).toBe(secrets.vault);
    const { username } = alice.person;
    const enter = (authKey: string) =>
      world.call(createSession, { body: { username, slot: 'password', authKey } });
    expect((await enter(alice.person.authKeys.password)).problem.code).toBe('wrong-credentials');
    expect((await enter(secrets.authKeys.password)).status).toBe(201);
  });

  test('the answer lost, the same again: 204, by the new key', async () => {
    const alice = await world.register();
    const deviceList = encodeBase64url(nextList(alice.person, alice.person.first, { vaultVersion: 2 }));
    const body = { proof: proofOf(alice, 'recovery'), ...newSecrets(), deviceList };
    for (let i = 0; i < 2; i++) {
      expect((await world.call(changePassword, { token: alice.token, body })).status).toBe(204);
    }
    const guessed = { ...body, authKeys: { ...body.authKeys, password: randomKey() } };
    expect((await world.call(changePassword, { token: alice.token, body: guessed })).problem.code).toBe(
      'wrong-credentials',
    );
  });

  test('refuses, and changes nothing', async () => {
    const alice = await world.register();
    const { token, person } = alice;
    const list = (changes: Parameters<typeof nextList>[2]) =>
      encodeBase64url(nextList(person, person.first, { vaultVersion: 2, ...changes }));
    const good = { proof: proofOf(alice), ...newSecrets(), deviceList: list({}) };
    const cases: [Record<string, unknown>, string][] = [
      [{ proof: { slot: 'password', authKey: randomKey() } }, 'wrong-credentials'],
      [{ proof: { slot: 'recovery', authKey: person.authKeys.password } }, 'wrong-credentials'],
      [
        { vault: encodeVault(makeVault({ version: 3 })), deviceList: list({ vaultVersion: 3 }) },
        'precondition-failed',
      ],
      [
        { vault: encodeVault(makeVault({ version: 1 })), deviceList: list({ vaultVersion: 1 }) },
        'precondition-failed',
      ],
      [{ deviceList: list({ vaultVersion: 1 }) }, 'malformed'],
      [{ deviceList: list({ version: 3 }) }, 'list-conflict'],
      [{ deviceList: list({ prev: randomBytes(32) }) }, 'list-conflict'],
      [{ vault: 'AAAA' }, 'malformed'],
      [{ proof: undefined }, 'malformed'],
    ];
    for (const [changes, code] of cases) {
      const refused = await world.call(changePassword, { token, body: { ...good, ...changes } });
      expect([changes, refused.problem.code]).toEqual([changes, code]);
    }
    expect((await world.call(changePassword, { body: good })).problem.code).toBe('unauthorized');
    await world.signIn(person);
  });
});
