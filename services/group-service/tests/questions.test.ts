import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { subjects, type Notice } from '@wisp/protocol';
import { firstCommit, newConversationId } from './commits.js';
import { firstDevice, leaveStatement, makeDevice, makePerson, type Person } from './people.js';
import { encodeBase64url, statement } from '@wisp/protocol';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function conversation(kind: 'direct' | 'group', [opener, ...others]: [Person, ...Person[]]) {
  world.auth.add(opener, ...others);
  const role = kind === 'direct' ? 4 : 2;
  const first = firstCommit({ kind, opener, others: others.map((person) => ({ person, role })) });
  expect((await world.create(opener, first)).status).toBe(201);
  return first.after.conversation;
}

/** The first notice that fits, now or later. */
function notice(fits: (notice: Notice) => boolean): Promise<Notice> {
  return new Promise((resolve) => {
    const subscription = world.bus.subscribe(subjects.noticeGiven(0), (each) => {
      if (!fits(each)) return;
      void subscription.drain();
      resolve(each);
    });
  });
}

describe('may KeyPackages be claimed', () => {
  const mayAdd = async (claimer: Person, target: Person, where = newConversationId()) => {
    const question = { claimer: claimer.user, target: target.user, conversation: where };
    return (await world.bus.request(subjects.mayAdd(), question)).allowed;
  };

  test('for a fresh id: by anybody', async () => {
    expect(await mayAdd(makePerson(), makePerson())).toBe(true);
  });

  test('for a direct conversation: of the two, by the two', async () => {
    const [alice, bob, eve] = [makePerson(), makePerson(), makePerson()];
    const where = await conversation('direct', [alice, bob]);
    expect(await mayAdd(alice, bob, where)).toBe(true);
    expect(await mayAdd(alice, alice, where)).toBe(true);
    expect(await mayAdd(alice, eve, where)).toBe(false);
    expect(await mayAdd(eve, bob, where)).toBe(false);
    expect(await mayAdd(eve, eve, where)).toBe(false);
  });

  test('for a group: by its members, unless they have left', async () => {
    const [alice, bob, eve] = [makePerson(), makePerson(), makePerson()];
    const where = await conversation('group', [alice, bob]);
    expect(await mayAdd(bob, eve, where)).toBe(true);
    expect(await mayAdd(eve, eve, where)).toBe(false);
    const says = statement.encode(leaveStatement({ person: bob, conversation: where }));
    await world.call(bob, {
      method: 'POST',
      path: `/api/conversations/${where}/leave`,
      body: { statement: encodeBase64url(says) },
    });
    expect(await mayAdd(bob, eve, where)).toBe(false);
  });
});

test('Welcomes are counted by device', async () => {
  const [alice, bob] = [makePerson(), makePerson()];
  const count = async (person: Person) =>
    (await world.bus.request(subjects.countWelcomes(), { device: firstDevice(person).id })).count;
  await conversation('direct', [alice, bob]);
  await conversation('group', [alice, bob]);
  expect(await count(bob)).toBe(2);
  expect(await count(alice)).toBe(0);
});

describe('what auth-service has done', () => {
  test('a new device list is told to all who share a conversation, and where the device is missing', async () => {
    const [alice, bob, carol] = [makePerson(), makePerson(), makePerson()];
    const two = await conversation('direct', [alice, bob]);
    const three = await conversation('group', [carol, alice, bob]);
    world.auth.add({ ...bob, version: 2, devices: [...bob.devices, makeDevice()] });
    const devices = notice((each) => each.kind === 'devices' && each.user === bob.user);
    const missing = Promise.all(
      [two, three].map((where) =>
        notice((each) => each.kind === 'device-missing' && each.conversation === where),
      ),
    );
    world.bus.publish(subjects.deviceListPublished(), { user: bob.user, version: 2 });
    const audienceOf = (each: Notice | undefined) =>
      each !== undefined && 'audience' in each ? new Set(each.audience) : null;
    expect(audienceOf(await devices)).toEqual(new Set([alice.user, bob.user, carol.user]));
    const [inTwo, inThree] = await missing;
    expect(audienceOf(inTwo)).toEqual(new Set([alice.user, bob.user]));
    expect(audienceOf(inThree)).toEqual(new Set([alice.user, bob.user, carol.user]));
  });

  test('a list that the groups follow already rings for nobody’s device', async () => {
    const [alice, bob] = [makePerson(), makePerson()];
    await conversation('direct', [alice, bob]);
    const devices = notice((each) => each.kind === 'devices' && each.user === bob.user);
    world.bus.publish(subjects.deviceListPublished(), { user: bob.user, version: 1 });
    await devices;
    // The next event is dealt with after this one: nothing of it is still to come.
    const other = notice((each) => each.kind === 'devices' && each.user === alice.user);
    world.bus.publish(subjects.deviceListPublished(), { user: alice.user, version: 1 });
    await other;
    expect(world.notices.filter((each) => each.kind === 'device-missing' && each.user === bob.user)).toEqual(
      [],
    );
  });

  test('a deleted account is told to its peers; its Welcomes go, and nobody adds it again', async () => {
    const [alice, bob] = [makePerson(), makePerson()];
    const where = await conversation('direct', [alice, bob]);
    const devices = notice((each) => each.kind === 'devices' && each.user === bob.user);
    world.bus.publish(subjects.accountDeleted(), { user: bob.user, at: 1_700_000_000_000 });
    world.bus.publish(subjects.accountDeleted(), { user: bob.user, at: 1_700_000_000_000 });
    expect(await devices).toMatchObject({ audience: expect.arrayContaining([alice.user]) });
    const question = { claimer: alice.user, target: bob.user, conversation: where };
    expect(await world.bus.request(subjects.mayAdd(), question)).toEqual({ allowed: false });
    expect(await world.bus.request(subjects.countWelcomes(), { device: firstDevice(bob).id })).toEqual({
      count: 0,
    });
    expect(
      await world.database.query('select 1 from groups.welcome_bodies where conversation_id = $1', [where]),
    ).toEqual([]);
  });
});
