import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeBase64url, statement, type ConversationId, type Seq, type Statement } from '@wisp/protocol';
import { firstCommit, makeCommit, newConversationId, type Group } from './commits.js';
import {
  firstDevice,
  joinStatement,
  leaveStatement,
  makeDevice,
  makePerson,
  repairStatement,
  type Person,
} from './people.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function team() {
  const people = [makePerson(), makePerson(), makePerson(), makePerson()] as const;
  world.auth.add(...people);
  const [alice, bob, carol, dan] = people;
  const first = firstCommit({
    kind: 'group',
    opener: alice,
    others: [
      { person: bob, role: 2 },
      { person: carol, role: 2 },
    ],
  });
  const { body } = await world.create(alice, first);
  return { alice, bob, carol, dan, group: { ...first.after, lastCommitSeq: body['seq'] as Seq } };
}

async function directPair() {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
  const { body } = await world.create(alice, first);
  return { alice, bob, group: { ...first.after, lastCommitSeq: body['seq'] as Seq } };
}

type Kind = 'leave' | 'repair-requests' | 'join-requests';
const ask = (person: Person, kind: Kind, about: { conversation: ConversationId; says: Statement | string }) =>
  world.call(person, {
    method: 'POST',
    path: `/api/conversations/${about.conversation}/${kind}`,
    body: {
      statement: typeof about.says === 'string' ? about.says : encodeBase64url(statement.encode(about.says)),
    },
  });

async function requestsOf(person: Person) {
  const { body } = await world.call(person, { method: 'GET', path: '/api/conversations/requests' });
  return body['requests'];
}

async function heard(kind: string, { conversation }: Group) {
  await world.bus.flush();
  return world.notices.filter(
    (notice) => notice.kind === kind && 'conversation' in notice && notice.conversation === conversation,
  );
}

describe('leaving a group', () => {
  test('ends the standing at once, rings the others, and is done by any of them', async () => {
    const { alice, bob, carol, group } = await team();
    const { conversation } = group;
    const says = leaveStatement({ person: bob, conversation });
    expect((await ask(bob, 'leave', { conversation, says })).status).toBe(204);
    expect(await world.commit(bob, makeCommit(group))).toMatchObject({ status: 403 });
    expect(
      (await world.call(bob, { method: 'GET', path: '/api/conversations' })).body['conversations'],
    ).toEqual([]);
    expect(
      (await world.call(bob, { method: 'GET', path: `/api/conversations/${conversation}` })).status,
    ).toBe(403);
    const [notice] = await heard('requests', group);
    expect(notice).toMatchObject({ audience: expect.arrayContaining([alice.user, carol.user]) });
    expect(notice).toMatchObject({ audience: expect.not.arrayContaining([bob.user]) });

    const request = {
      conversation,
      kind: 'leave',
      userId: bob.user,
      statement: encodeBase64url(statement.encode(says)),
    };
    expect(await requestsOf(carol)).toEqual([expect.objectContaining(request)]);
    expect(await requestsOf(bob)).toEqual([]);
    // The answer was lost: he says it again.
    expect((await ask(bob, 'leave', { conversation, says })).status).toBe(204);

    // His device has left the list meanwhile, but the statement was verified when it came.
    world.auth.add({ ...bob, version: 2, devices: [makeDevice()] });
    const removal = makeCommit(group, {
      removes: [{ person: bob, device: firstDevice(bob) }],
      users: [{ userId: bob.user, role: 0 }],
      evidence: [says],
    });
    expect((await world.commit(carol, removal)).status).toBe(201);
    expect(await requestsOf(carol)).toEqual([]);
    expect(await world.members(conversation)).toHaveLength(2);
  });

  test('isn’t for two', async () => {
    const { alice, group } = await directPair();
    const { conversation } = group;
    const answer = await ask(alice, 'leave', {
      conversation,
      says: leaveStatement({ person: alice, conversation }),
    });
    expect(answer).toMatchObject({ status: 422, body: { reason: 'direct-people' } });
    expect((await world.commit(alice, makeCommit(group))).status).toBe(201);
  });
});

describe('asking for repair', () => {
  test('rings all members, is listed, replaced after ten minutes, and closed by the repair', async () => {
    const { alice, bob, group } = await directPair();
    const { conversation } = group;
    const says = repairStatement({ person: bob, conversation });
    expect((await ask(bob, 'repair-requests', { conversation, says })).status).toBe(204);
    expect((await ask(bob, 'repair-requests', { conversation, says })).status).toBe(204);
    expect(await requestsOf(alice)).toHaveLength(1);

    const next = repairStatement({ person: bob, conversation });
    const soon = await ask(bob, 'repair-requests', { conversation, says: next });
    expect(soon).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
    expect(soon.body['retryAfter']).toBeGreaterThan(500);
    await world.database.query(`update groups.requests set at = at - interval '11 minutes'`);
    expect((await ask(bob, 'repair-requests', { conversation, says: next })).status).toBe(204);
    expect(await requestsOf(alice)).toEqual([
      expect.objectContaining({ kind: 'repair', statement: encodeBase64url(statement.encode(next)) }),
    ]);

    const device = { person: bob, device: firstDevice(bob) };
    const repair = makeCommit(group, { removes: [device], adds: [device], evidence: [next] });
    world.auth.unclaimed.add(firstDevice(bob).id);
    expect((await world.commit(alice, repair)).status).toBe(201);
    expect(await requestsOf(alice)).toEqual([]);
    expect(await world.members(conversation)).toHaveLength(2);
    const { body } = await world.call(bob, { method: 'GET', path: '/api/conversations/welcomes' });
    expect(body['welcomes']).toEqual([expect.objectContaining({ commitId: repair.info.commitId })]);
  });
});

describe('asking to join', () => {
  test('rings who may let people in, and is closed by the commit', async () => {
    const { alice, bob, dan, group } = await team();
    const { conversation } = group;
    const says = joinStatement({ person: dan, conversation });
    expect((await ask(dan, 'join-requests', { conversation, says })).status).toBe(204);
    expect(await heard('requests', group)).toEqual([expect.objectContaining({ audience: [alice.user] })]);
    expect(await requestsOf(bob)).toEqual([expect.objectContaining({ kind: 'join', userId: dan.user })]);
    const already = await ask(bob, 'join-requests', {
      conversation,
      says: joinStatement({ person: bob, conversation }),
    });
    expect(already).toMatchObject({ status: 422, body: { reason: 'join-evidence' } });
  });

  test('answers a stranger alike, whether there is a group or not: forged, malformed and asked too often', async () => {
    const { dan, group } = await team();
    const forger = { ...firstDevice(dan), privateKey: makeDevice().privateKey };
    const heard: unknown[] = [];
    for (const conversation of [group.conversation, newConversationId()]) {
      const join = () => joinStatement({ person: dan, conversation });
      const asked = [
        joinStatement({ person: dan, device: forger, conversation }),
        leaveStatement({ person: dan, conversation }),
        join(),
        join(),
      ];
      const answers = [];
      for (const says of asked) {
        const { status, body } = await ask(dan, 'join-requests', { conversation, says });
        answers.push([status, body['reason'] ?? body['code']]);
      }
      heard.push(answers);
    }
    expect(heard[0]).toEqual([
      [422, 'evidence-signature'],
      [422, 'evidence-malformed'],
      [204, undefined],
      [429, 'rate-limited'],
    ]);
    expect(heard[1]).toEqual(heard[0]);
  });

  test('tells a stranger nothing about what is there', async () => {
    const { dan } = await team();
    const { group } = await directPair();
    for (const conversation of [group.conversation, newConversationId()]) {
      const answer = await ask(dan, 'join-requests', {
        conversation,
        says: joinStatement({ person: dan, conversation }),
      });
      expect(answer.status).toBe(204);
    }
    expect(
      await world.database.query('select 1 from groups.requests where kind = $1 and user_id = $2', [
        'join',
        Buffer.from(dan.user, 'base64url'),
      ]),
    ).toEqual([]);
  });
});

describe('statements', () => {
  test('of others, for elsewhere, of another kind, forged or no statements at all are refused', async () => {
    const { alice, bob, dan, group } = await team();
    const { conversation } = group;
    const forger = { ...firstDevice(bob), privateKey: makeDevice().privateKey };
    const bad: [Statement | string, string][] = [
      [leaveStatement({ person: alice, conversation }), 'evidence-malformed'],
      [leaveStatement({ person: bob, conversation: newConversationId() }), 'evidence-malformed'],
      [repairStatement({ person: bob, conversation }), 'evidence-malformed'],
      [encodeBase64url(new Uint8Array([1, 2, 3])), 'evidence-malformed'],
      [leaveStatement({ person: bob, device: forger, conversation }), 'evidence-signature'],
    ];
    for (const [says, reason] of bad) {
      const answer = await ask(bob, 'leave', { conversation, says });
      expect(answer).toMatchObject({ status: 422, body: { code: 'commit-refused', reason } });
    }
    const foreign = await ask(dan, 'leave', {
      conversation,
      says: leaveStatement({ person: dan, conversation }),
    });
    expect(foreign.status).toBe(403);
    expect(await requestsOf(alice)).toEqual([]);
    expect((await world.commit(bob, makeCommit(group))).status).toBe(201);
  });

  test('wait for auth-service', async () => {
    const { bob, group } = await team();
    const { conversation } = group;
    const says = leaveStatement({ person: bob, conversation });
    world.auth.isAway = true;
    const away = await ask(bob, 'leave', { conversation, says });
    world.auth.isAway = false;
    expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect((await ask(bob, 'leave', { conversation, says })).status).toBe(204);
  });
});
