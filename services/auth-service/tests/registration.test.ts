import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  checkUsername,
  createAccount,
  encodeBase64url,
  findUser,
  getParameters,
  listSessions,
} from '@wisp/protocol';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createPerson, encodeVault, makeVault, newDevice, registrationOf } from './person.js';
import { startWorld, type World } from './world.js';

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
