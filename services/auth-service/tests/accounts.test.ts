import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  changePassword,
  checkUsername,
  createAccount,
  createSession,
  deleteAccount,
  encodeBase64url,
  findUser,
  getDeviceLists,
  getParameters,
  getVault,
  listSessions,
  putVault,
  refreshSession,
  subjects,
  vault as vaultStructure,
  decodeBase64url,
  type Vault,
} from '@wisp/protocol';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createPerson, encodeVault, makeVault, newDevice, nextList, registrationOf } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());

const randomKey = () => encodeBase64url(randomBytes(32));
const countAccounts = async () =>
  (await world.database.query<{ n: number }>('select count(*)::int as n from auth.accounts'))[0]?.n;

describe('parameters', () => {
  test('say the same of a name that somebody has and of one that nobody has', async () => {
    const { person } = await world.register();
    for (const username of [person.username, 'nobody.at-all']) {
      const { value } = await world.call(getParameters, { query: { username } });
      expect(value).toEqual({
        serverId: world.serverId,
        serverSalt: createHmac('sha256', world.config.saltKey).update(username).digest('base64url'),
        kdf: { alg: 'argon2id13', m: 131_072, t: 3, p: 1 },
        protocol: { version: expect.any(Number), oldest: expect.any(Number) },
      });
    }
  });

  test('of no name: malformed', async () => {
    for (const query of [{}, { username: 'A' }, { username: 'alice', more: '1' }] as Record<
      string,
      string
    >[]) {
      expect((await world.call(getParameters, { query })).problem.code).toBe('malformed');
    }
  });
});

describe('registration', () => {
  test('makes an account that is found, and takes the name', async () => {
    const person = createPerson(world.serverId);
    const free = () => world.call(checkUsername, { params: { username: person.username } });
    expect((await free()).value).toEqual({ free: true });
    const registered = await world.call(createAccount, { body: registrationOf(person) });
    expect(registered.status).toBe(201);
    expect((await free()).value).toEqual({ free: false });

    const { token } = await world.register();
    const found = await world.call(findUser, { token, query: { username: person.username } });
    expect(found.value).toEqual({
      userId: person.userId,
      username: person.username,
      deviceList: encodeBase64url(person.first),
    });
  });

  test('two of one name at the same moment: one gets it', async () => {
    const name = `race${randomBytes(4).toString('hex')}`;
    const people = Array.from({ length: 6 }, () => createPerson(world.serverId, name));
    const answers = await Promise.all(
      people.map((person) => world.call(createAccount, { body: registrationOf(person) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    const winner = answers.findIndex(({ status }) => status === 201);
    const rows = await world.database.query<{ user_id: Buffer }>(
      'select user_id from auth.accounts where username = $1',
      [name],
    );
    expect(rows.map((row) => row.user_id.toString('base64url'))).toEqual([people[winner]?.userId]);
    for (const answer of answers)
      if (answer.status !== 201) expect(answer.problem.code).toBe('username-taken');
  });

  test('the same one again, its answer lost: signs in', async () => {
    const person = createPerson(world.serverId);
    const body = registrationOf(person);
    const first = await world.call(createAccount, { body });
    const second = await world.call(createAccount, { body });
    expect(second.status).toBe(201);
    expect(second.value.sessionId).not.toBe(first.value.sessionId);
    const { value } = await world.call(listSessions, { token: second.value.token });
    expect(value.sessions).toHaveLength(1);
  });

  test('the same one six times at once: one account, the last session lives', async () => {
    const person = createPerson(world.serverId);
    const body = registrationOf(person);
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.call(createAccount, { body })));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    const rows = await world.database.query(
      'select 1 from auth.sessions s join auth.accounts using (user_id) where username = $1',
      [person.username],
    );
    expect(rows).toHaveLength(1);
  });

  test('with the same list and another password: the name is taken', async () => {
    const { person } = await world.register();
    const body = registrationOf(person, { authKeys: { password: randomKey(), recovery: randomKey() } });
    expect((await world.call(createAccount, { body })).problem.code).toBe('username-taken');
  });

  test('refuses, and stores nothing', async () => {
    const before = await countAccounts();
    const known = await world.register();
    const person = createPerson(world.serverId);
    const other = createPerson(world.serverId);
    const list = (changes: Parameters<typeof person.makeList>[0]) => ({
      deviceList: encodeBase64url(person.signList(person.makeList(changes))),
    });
    const forgedBody = Buffer.from(person.first);
    forgedBody.writeUInt8(forgedBody.readUInt8(forgedBody.length - 1) ^ 1, forgedBody.length - 1);
    const cases: [string, Record<string, unknown>, string][] = [
      ['another name in the list', list({ username: other.username }), 'deviceList'],
      ['another server in the list', list({ serverId: randomUUID() as typeof world.serverId }), 'deviceList'],
      ['another user in the list', list({ userId: other.userId }), 'deviceList'],
      ['a second version', list({ version: 2, prev: randomBytes(32) }), 'deviceList'],
      ['another vault version', list({ vaultVersion: 2 }), 'deviceList'],
      ['no device', list({ devices: [] }), 'deviceList'],
      ['another device', { deviceId: randomUUID() }, 'deviceList'],
      [
        "somebody's device",
        { ...list({ devices: [known.person.device] }), deviceId: known.person.device.deviceId },
        'deviceList',
      ],
      [
        'a device key twice',
        list({ devices: [person.device, { ...newDevice(), signatureKey: person.device.signatureKey }] }),
        'deviceList',
      ],
      ["another's key", list({ identityKey: other.makeList().identityKey }), 'deviceList'],
      ['a broken signature', { deviceList: forgedBody.toString('base64url') }, 'deviceList'],
      ['bytes that are no list', { deviceList: 'AAAA' }, 'deviceList'],
      [
        'bytes with a second text',
        { deviceList: `${encodeBase64url(person.first.subarray(0, 100)).slice(0, -1)}x` },
        'deviceList',
      ],
      ['bytes that are no vault', { vault: 'AAAA' }, 'vault'],
      ['a later vault', { vault: encodeVault(makeVault({ version: 2 })) }, 'vault'],
      ['a short auth key', { authKeys: { password: 'AAAA', recovery: randomKey() } }, 'authKeys.password'],
      ['one auth key', { authKeys: { password: randomKey() } }, 'authKeys.recovery'],
      ['an unknown field', { admin: true }, 'admin'],
      ['a name with a capital', { username: 'Alice' }, 'username'],
    ];
    for (const [name, changes, field] of cases) {
      const refused = await world.call(createAccount, { body: { ...registrationOf(person), ...changes } });
      expect([name, refused.problem.code, refused.problem.field]).toEqual([name, 'malformed', field]);
    }
    expect(await countAccounts()).toBe((before ?? 0) + 1);
    expect((await world.call(createAccount, { body: registrationOf(person) })).status).toBe(201);
  });

  test('an identity key has one account', async () => {
    const { person } = await world.register();
    const username = createPerson(world.serverId).username;
    const deviceList = encodeBase64url(
      person.signList(person.makeList({ username, devices: [newDevice()] })),
    );
    const device = newDevice();
    const devices = [device];
    const refused = await world.call(createAccount, {
      body: registrationOf(person, {
        username,
        deviceId: device.deviceId,
        deviceList: encodeBase64url(person.signList(person.makeList({ username, devices }))),
      }),
    });
    expect(deviceList).not.toBe('');
    expect(refused.problem).toMatchObject({ code: 'malformed', field: 'deviceList', reason: 'user-known' });
  });

  test('oversized and malformed bodies are refused before anything is read', async () => {
    expect(
      (await world.call(createAccount, { body: `{"username":"${'a'.repeat(700_000)}"}` })).problem.code,
    ).toBe('too-large');
    expect((await world.call(createAccount, { body: '{"username":' })).problem.code).toBe('malformed');
    expect((await world.call(createAccount)).problem.code).toBe('malformed');
  });
});

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

describe('deleting an account', () => {
  test('sessions, vault and packages go; name and list chain stay', async () => {
    const alice = await world.register();
    const { token, person, cookie } = alice;
    const heard: unknown[] = [];
    const subscription = world.bus.subscribe(subjects.accountDeleted(), (event) => void heard.push(event));
    const proof = { slot: 'password', authKey: person.authKeys.password };
    const wrong = { slot: 'password', authKey: randomKey() };
    expect((await world.call(deleteAccount, { token, body: { proof: wrong } })).problem.code).toBe(
      'wrong-credentials',
    );
    expect((await world.call(deleteAccount, { token, body: { proof } })).status).toBe(204);
    await subscription.drain();
    expect(heard).toEqual([{ user: person.userId, at: expect.any(Number) }]);

    expect((await world.call(getVault, { token })).problem.code).toBe('session-ended');
    expect((await world.call(deleteAccount, { token, body: { proof } })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie })).problem.code).toBe('session-ended');
    const { username, authKeys, device, userId } = person;
    const body = { username, slot: 'password', authKey: authKeys.password, deviceId: device.deviceId };
    expect((await world.call(createSession, { body })).problem.code).toBe('wrong-credentials');
    expect((await world.call(checkUsername, { params: { username } })).value).toEqual({ free: false });
    expect((await world.call(createAccount, { body: registrationOf(person) })).problem.code).toBe(
      'username-taken',
    );

    const bob = await world.register();
    expect((await world.call(findUser, { token: bob.token, query: { username } })).problem.code).toBe(
      'not-found',
    );
    const lists = await world.call(getDeviceLists, { token: bob.token, params: { id: userId } });
    expect(lists.value).toEqual({
      userId,
      deleted: true,
      newest: 1,
      deviceLists: [encodeBase64url(person.first)],
    });
    const { lists: onTheBus } = await world.bus.request(subjects.getDeviceLists(), { users: [userId] });
    expect(onTheBus).toMatchObject([{ user: userId, deleted: true, version: 1 }]);
    const { revocations } = await world.bus.request(subjects.listRevocations(), {});
    expect(revocations).toContainEqual({ at: expect.any(Number), user: userId });
    const left = await world.database.query(
      `select 1 from auth.vaults v join auth.accounts using (user_id) where username = $1`,
      [username],
    );
    expect(left).toEqual([]);
  });

  test('twice at once: deleted once', async () => {
    const { token, person } = await world.register();
    const body = { proof: { slot: 'recovery', authKey: person.authKeys.recovery } };
    const answers = await Promise.all([1, 2, 3].map(() => world.call(deleteAccount, { token, body })));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const { status } of answers) expect([204, 401]).toContain(status);
  });
});
