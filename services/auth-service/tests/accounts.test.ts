import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  checkUsername,
  createAccount,
  createSession,
  deleteAccount,
  encodeBase64url,
  findUser,
  getDeviceLists,
  getVault,
  refreshSession,
  subjects,
} from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import { registrationOf } from './person.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());
const randomKey = () => encodeBase64url(randomBytes(32));

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
