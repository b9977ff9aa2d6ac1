import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  encodeBase64url,
  getDeviceLists,
  listSessions,
  publishDeviceList,
  refreshSession,
  subjects,
  uploadKeyPackages,
  countKeyPackages,
  findUser,
} from '@wisp/protocol';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createPerson, makeKeyPackage, newDevice, nextList } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());

const publish = (who: SignedIn, list: Uint8Array, token = who.token) =>
  world.call(publishDeviceList, {
    token,
    body: {
      proof: { slot: 'password', authKey: who.person.authKeys.password },
      deviceList: encodeBase64url(list),
    },
  });

describe('the chain', () => {
  test('grows by one and is served whole', async () => {
    const alice = await world.register();
    const published: unknown[] = [];
    const subscription = world.bus.subscribe(
      subjects.deviceListPublished(),
      (event) => void published.push(event),
    );
    const second = nextList(alice.person, alice.person.first, {
      devices: [alice.person.device, newDevice()],
    });
    const third = nextList(alice.person, second, { devices: [alice.person.device] });
    expect((await publish(alice, second)).status).toBe(204);
    expect((await publish(alice, third)).status).toBe(204);
    await subscription.drain();
    const { userId } = alice.person;
    expect(published).toEqual([
      { user: userId, version: 2 },
      { user: userId, version: 3 },
    ]);

    const bob = await world.register();
    const ask = (query: Record<string, number>) =>
      world.call(getDeviceLists, { token: bob.token, params: { id: userId }, query });
    const all = [alice.person.first, second, third].map(encodeBase64url);
    expect((await ask({})).value).toEqual({ userId, deleted: false, newest: 3, deviceLists: all });
    expect((await ask({ after: 2 })).value.deviceLists).toEqual(all.slice(2));
    expect((await ask({ after: 3 })).value.deviceLists).toEqual([]);
    expect((await ask({ after: Number.MAX_SAFE_INTEGER })).value.deviceLists).toEqual([]);
    expect((await ask({ after: -1 })).problem.code).toBe('malformed');
  });

  test('the same list again is no new one', async () => {
    const alice = await world.register();
    const second = nextList(alice.person, alice.person.first);
    expect((await publish(alice, second)).status).toBe(204);
    expect((await publish(alice, second)).status).toBe(204);
    // Out of order: a list that was followed by another.
    expect((await publish(alice, alice.person.first)).problem.code).toBe('list-conflict');
  });

  test('two successors at once: one is stored', async () => {
    const alice = await world.register();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        publish(alice, nextList(alice.person, alice.person.first, { issuedAt: i })),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409, 409]);
    const rows = await world.database.query('select version from auth.device_lists where hash = any($1)', [
      [0, 1, 2, 3, 4].map((issuedAt) =>
        createHash('sha256')
          .update(nextList(alice.person, alice.person.first, { issuedAt }))
          .digest(),
      ),
    ]);
    expect(rows).toEqual([{ version: 2 }]);
  });

  test('refuses what breaks it, and changes nothing', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const { person } = alice;
    const next = (changes: Parameters<typeof nextList>[2]) => nextList(person, person.first, changes);
    const cases: [Uint8Array, string][] = [
      [next({ version: 3 }), 'list-conflict'],
      [next({ prev: randomBytes(32) }), 'list-conflict'],
      [nextList(bob.person, bob.person.first), 'malformed'],
      [next({ username: bob.person.username }), 'malformed'],
      [next({ serverId: randomUUID() as typeof world.serverId }), 'malformed'],
      [next({ vaultVersion: 2 }), 'malformed'],
      [next({ devices: [] }), 'malformed'],
      [next({ devices: [bob.person.device] }), 'malformed'],
      [next({ devices: [person.device, bob.person.device] }), 'malformed'],
      [next({ devices: [{ ...person.device, signatureKey: randomBytes(32) }] }), 'malformed'],
      [randomBytes(200), 'malformed'],
    ];
    for (const [list, code] of cases) expect((await publish(alice, list)).problem.code).toBe(code);
    const found = await world.call(findUser, { token: bob.token, query: { username: person.username } });
    expect(found.value.deviceList).toBe(encodeBase64url(person.first));
    const devices = await world.database.query<{ n: number }>(
      `select count(*)::int as n from auth.devices d join auth.accounts using (user_id) where username = $1`,
      [person.username],
    );
    expect(devices).toEqual([{ n: 1 }]);
  });

  test('wants the secret, not the token alone', async () => {
    const alice = await world.register();
    const body = {
      proof: { slot: 'password', authKey: encodeBase64url(randomBytes(32)) },
      deviceList: encodeBase64url(nextList(alice.person, alice.person.first)),
    };
    expect((await world.call(publishDeviceList, { token: alice.token, body })).problem.code).toBe(
      'wrong-credentials',
    );
    expect((await world.call(publishDeviceList, { body })).problem.code).toBe('unauthorized');
    expect((await publish(alice, nextList(alice.person, alice.person.first))).status).toBe(204);
  });

  test('of a user that there never was: not-found', async () => {
    const { token } = await world.register();
    const stranger = createPerson(world.serverId);
    const params = { id: stranger.userId };
    expect((await world.call(getDeviceLists, { token, params })).problem.code).toBe('not-found');
    expect((await world.call(getDeviceLists, { token, params: { id: 'x' } })).problem.code).toBe('malformed');
    const { lists } = await world.bus.request(subjects.getDeviceLists(), { users: [stranger.userId] });
    expect(lists).toEqual([]);
  });

  test('on the bus: version, hash and keys of the newest', async () => {
    const alice = await world.register();
    const second = nextList(alice.person, alice.person.first, {
      devices: [alice.person.device, newDevice()],
    });
    await publish(alice, second);
    const bob = await world.register();
    const { lists } = await world.bus.request(subjects.getDeviceLists(), {
      users: [alice.person.userId, bob.person.userId],
    });
    const mine = lists.find(({ user }) => user === alice.person.userId);
    expect(lists).toHaveLength(2);
    expect(mine).toMatchObject({
      deleted: false,
      version: 2,
      hash: createHash('sha256').update(second).digest('base64url'),
    });
    expect(mine?.devices).toHaveLength(2);
    expect(mine?.devices).toContainEqual({
      device: alice.person.device.deviceId,
      signatureKey: encodeBase64url(alice.person.device.signatureKey),
    });
  });
});

describe('a removed device', () => {
  test('loses sessions and packages at once, and its id to nobody else', async () => {
    const alice = await world.register();
    const laptop = newDevice();
    const second = nextList(alice.person, alice.person.first, { devices: [alice.person.device, laptop] });
    await publish(alice, second);
    const onLaptop = await world.signIn(alice.person, { deviceId: laptop.deviceId });
    await world.call(uploadKeyPackages, {
      token: onLaptop.token,
      body: { keyPackages: [makeKeyPackage(), makeKeyPackage()], lastResort: makeKeyPackage() },
    });
    expect((await world.call(countKeyPackages, { token: onLaptop.token })).value).toEqual({
      count: 2,
      lastResort: true,
    });

    const heard: unknown[] = [];
    const subscription = world.bus.subscribe(subjects.sessionRevoked(), (event) => void heard.push(event));
    const third = nextList(alice.person, second, { devices: [alice.person.device] });
    expect((await publish(alice, third)).status).toBe(204);
    await subscription.drain();
    expect(heard).toEqual([{ at: expect.any(Number), user: alice.person.userId, device: laptop.deviceId }]);

    expect((await world.call(listSessions, { token: onLaptop.token })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: onLaptop.cookie })).problem.code).toBe(
      'session-ended',
    );
    expect(await world.bus.request(subjects.countKeyPackages(), { device: laptop.deviceId })).toEqual({
      count: 0,
    });
    expect((await world.call(listSessions, { token: alice.token })).status).toBe(200);

    const bob = await world.register();
    const stolen = nextList(bob.person, bob.person.first, { devices: [bob.person.device, laptop] });
    expect((await publish(bob, stolen)).problem).toMatchObject({ code: 'malformed', reason: 'device-taken' });
  });

  test('can come back under its own key, not under another', async () => {
    const alice = await world.register();
    const laptop = newDevice();
    const { device } = alice.person;
    const second = nextList(alice.person, alice.person.first, { devices: [device, laptop] });
    const third = nextList(alice.person, second, { devices: [device] });
    await publish(alice, second);
    await publish(alice, third);
    const other = { ...laptop, signatureKey: randomBytes(32) };
    expect(
      (await publish(alice, nextList(alice.person, third, { devices: [device, other] }))).problem.reason,
    ).toBe('device-taken');
    expect((await publish(alice, nextList(alice.person, third, { devices: [device, laptop] }))).status).toBe(
      204,
    );
    await world.signIn(alice.person, { deviceId: laptop.deviceId });
  });
});
