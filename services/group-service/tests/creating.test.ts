import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeBase64url, seq, subjects } from '@wisp/protocol';
import { createHash } from 'node:crypto';
import { firstCommit } from './commits.js';
import { firstDevice, makePerson, type Person } from './people.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

function pair(): { alice: Person; bob: Person } {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  return { alice, bob };
}

const direct = (opener: Person, peer: Person) =>
  firstCommit({ kind: 'direct', opener, others: [{ person: peer, role: 4 }] });

describe('a direct conversation', () => {
  test('is created with its first commit in the log, its roster and its Welcome', async () => {
    const { alice, bob } = pair();
    const first = direct(alice, bob);
    const { conversation } = first.after;
    const answer = await world.create(alice, first);
    const hash = encodeBase64url(createHash('sha256').update(first.bytes).digest());
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ conversation, commitId: first.info.commitId, seq: 1, hash });
    expect(await world.entries(conversation)).toEqual([{ seq: '1', commit_id: first.info.commitId }]);
    expect(await world.members(conversation)).toEqual(
      [alice, bob]
        .map((person) => ({ device: firstDevice(person).id, role: 4 }))
        .sort((a, b) => (a.device < b.device ? -1 : 1)),
    );

    const welcomes = await world.call(bob, { method: 'GET', path: '/api/conversations/welcomes' });
    const [welcome] = welcomes.body['welcomes'] as { id: string }[];
    expect(welcome).toMatchObject({
      conversation,
      commitId: first.info.commitId,
      seq: 1,
      hash,
      welcome: encodeBase64url(first.welcome ?? new Uint8Array()),
      from: { userId: alice.user, deviceId: firstDevice(alice).id },
    });
    expect(world.notices).toContainEqual({ kind: 'welcome', conversation, devices: [firstDevice(bob).id] });

    const path = `/api/conversations/welcomes/${welcome?.id}`;
    expect((await world.call(alice, { method: 'DELETE', path })).status).toBe(204);
    const still = await world.call(bob, { method: 'GET', path: '/api/conversations/welcomes' });
    expect(still.body['welcomes']).toHaveLength(1);
    expect((await world.call(bob, { method: 'DELETE', path })).status).toBe(204);
    expect((await world.call(bob, { method: 'DELETE', path })).status).toBe(204);
    const none = await world.call(bob, { method: 'GET', path: '/api/conversations/welcomes' });
    expect(none.body['welcomes']).toEqual([]);
    expect(
      await world.database.query('select 1 from groups.welcome_bodies where conversation_id = $1', [
        conversation,
      ]),
    ).toEqual([]);
  });

  test('is shown to both and to nobody else', async () => {
    const { alice, bob } = pair();
    const first = direct(alice, bob);
    const { conversation } = first.after;
    await world.create(alice, first);
    const summary = {
      conversation,
      kind: 'direct',
      incarnation: 1,
      newestCommitSeq: 1,
      users: expect.arrayContaining([
        { userId: alice.user, role: 4 },
        { userId: bob.user, role: 4 },
      ]),
    };
    for (const person of [alice, bob]) {
      const list = await world.call(person, { method: 'GET', path: '/api/conversations' });
      expect(list.body['conversations']).toEqual([expect.objectContaining(summary)]);
      const one = await world.call(person, { method: 'GET', path: `/api/conversations/${conversation}` });
      expect(one.body).toMatchObject(summary);
    }
    const eve = makePerson();
    world.auth.add(eve);
    expect((await world.call(eve, { method: 'GET', path: '/api/conversations' })).body).toEqual({
      conversations: [],
    });
    const foreign = await world.call(eve, { method: 'GET', path: `/api/conversations/${conversation}` });
    const absent = await world.call(eve, {
      method: 'GET',
      path: `/api/conversations/${direct(alice, bob).after.conversation}`,
    });
    expect(foreign.status).toBe(403);
    expect(foreign.body).toEqual(absent.body);
  });

  test('asked for again gives the first answer', async () => {
    const { alice, bob } = pair();
    const first = direct(alice, bob);
    const answer = await world.create(alice, first);
    const again = await world.create(alice, first);
    expect(again).toMatchObject({ status: 201, body: answer.body });
    expect(await world.entries(first.after.conversation)).toHaveLength(1);
  });

  test('exists once per pair, whoever asks', async () => {
    const { alice, bob } = pair();
    const first = direct(alice, bob);
    await world.create(alice, first);
    for (const second of [direct(alice, bob), direct(bob, alice)]) {
      const opener = second.after.members[0]?.person ?? alice;
      const answer = await world.create(opener, second);
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({ code: 'direct-exists', conversation: first.after.conversation });
      expect(await world.entries(second.after.conversation)).toEqual([]);
    }
  });

  test('created by both at once is one, and both learn which', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { alice, bob } = pair();
      const attempts = [
        { opener: alice, commit: direct(alice, bob) },
        { opener: bob, commit: direct(bob, alice) },
        { opener: alice, commit: direct(alice, bob) },
      ];
      const answers = await Promise.all(attempts.map(({ opener, commit }) => world.create(opener, commit)));
      const won = answers.filter(({ status }) => status === 201);
      expect(won).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        expect(answer.body).toMatchObject({
          code: 'direct-exists',
          conversation: won[0]?.body['conversation'],
        });
      }
      const list = await world.call(bob, { method: 'GET', path: '/api/conversations' });
      expect(list.body['conversations']).toHaveLength(1);
    }
  });

  test('takes an id once', async () => {
    const { alice, bob } = pair();
    const carol = makePerson();
    world.auth.add(carol);
    const first = direct(alice, bob);
    await world.create(alice, first);
    const second = firstCommit({
      kind: 'direct',
      opener: carol,
      others: [{ person: bob, role: 4 }],
      conversation: first.after.conversation,
    });
    const answer = await world.create(carol, second);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conversation-exists' } });
  });

  test('whose id the log knows already frees the pair again', async () => {
    const { alice, bob } = pair();
    const first = direct(alice, bob);
    const other = direct(bob, alice);
    const taken = await world.bus.request(subjects.appendCommit(0), {
      user: bob.user,
      device: firstDevice(bob).id,
      conversation: first.after.conversation,
      commitId: other.info.commitId,
      lastCommitSeq: seq.parse(0),
      body: encodeBase64url(other.bytes),
      opens: 'create',
      creatorRole: 4,
      adds: [],
      removes: [],
      roles: [],
      readmit: [],
    });
    expect(taken.status).toBe('appended');
    const answer = await world.create(alice, first);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conversation-exists' } });
    expect((await world.create(alice, direct(alice, bob))).status).toBe(201);
  });
});

describe('other kinds', () => {
  test('a self conversation exists once per user', async () => {
    const alice = makePerson(2);
    world.auth.add(alice);
    const first = firstCommit({ kind: 'self', opener: alice, others: [] });
    expect((await world.create(alice, first)).status).toBe(201);
    const second = await world.create(alice, firstCommit({ kind: 'self', opener: alice, others: [] }));
    expect(second.body).toMatchObject({ code: 'direct-exists', conversation: first.after.conversation });
  });

  test('groups may be many', async () => {
    const people = [makePerson(), makePerson(2), makePerson()] as const;
    world.auth.add(...people);
    const [alice, bob, carol] = people;
    const others = [
      { person: bob, role: 3 as const },
      { person: carol, role: 2 as const },
    ];
    for (let round = 0; round < 2; round += 1) {
      const first = firstCommit({ kind: 'group', opener: alice, others });
      expect((await world.create(alice, first)).status).toBe(201);
      expect((await world.members(first.after.conversation)).map(({ role }) => role).sort()).toEqual([
        2, 3, 3, 4,
      ]);
    }
  });
});
