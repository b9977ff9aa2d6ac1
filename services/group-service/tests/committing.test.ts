import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seq, type Seq } from '@wisp/protocol';
import { firstCommit, makeCommit, type Group, type TestCommit } from './commits.js';
import { firstDevice, listStatement, makeDevice, makePerson, type Person } from './people.js';
import { startWorld, type Answer, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function directPair(): Promise<{ alice: Person; bob: Person; group: Group }> {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
  return { alice, bob, group: after(first, await world.create(alice, first)) };
}

/** The group after a commit that the server took. */
function after(commit: TestCommit, answer: Answer): Group {
  expect(answer.status).toBe(201);
  return { ...commit.after, lastCommitSeq: answer.body['seq'] as Seq };
}

async function projected(group: Group) {
  const [row] = await world.database.query<{ seq: string }>(
    'select newest_commit_seq as seq from groups.conversations where conversation_id = $1',
    [group.conversation],
  );
  return Number(row?.seq);
}

describe('a commit', () => {
  test('follows the newest one, and moves log and projection alike', async () => {
    const { alice, bob, group } = await directPair();
    const first = makeCommit(group);
    const next = after(first, await world.commit(bob, first));
    const second = makeCommit(next);
    const last = after(second, await world.commit(alice, second));
    expect(await world.entries(group.conversation)).toHaveLength(3);
    expect(await projected(last)).toBe(last.lastCommitSeq);
    expect(await world.database.query('select 1 from groups.pending_commits')).toEqual([]);
  });

  test('that lost the race is told the newest place', async () => {
    const { alice, bob, group } = await directPair();
    const answers = await Promise.all([
      world.commit(alice, makeCommit(group)),
      world.commit(bob, makeCommit(group)),
      world.commit(bob, makeCommit(group)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      expect(body).toMatchObject({ code: 'stale-commit', newestCommitSeq: 2 });
    }
    expect(await world.entries(group.conversation)).toHaveLength(2);
  });

  test('sent again, also by many and after others, gets the first answer', async () => {
    const { alice, bob, group } = await directPair();
    const commit = makeCommit(group);
    const answers = await Promise.all(Array.from({ length: 4 }, () => world.commit(alice, commit)));
    const next = makeCommit(after(commit, answers[0] ?? (await world.commit(alice, commit))));
    after(next, await world.commit(bob, next));
    answers.push(await world.commit(alice, commit));
    for (const answer of answers) expect(answer).toMatchObject({ status: 201, body: answers[0]?.body });
    expect(await world.entries(group.conversation)).toHaveLength(3);
  });

  test('under a known id with other bytes, or from another device, is refused', async () => {
    const { alice, bob, group } = await directPair();
    const commit = makeCommit(group);
    const next = after(commit, await world.commit(alice, commit));
    const other = makeCommit(next, { info: { commitId: commit.info.commitId } });
    const known = { status: 422, body: { code: 'commit-refused', reason: 'commit-id-known' } };
    expect(await world.commit(alice, other)).toMatchObject(known);
    expect(await world.commit(bob, commit)).toMatchObject(known);
    const eve = makePerson();
    world.auth.add(eve);
    expect(await world.commit(eve, commit)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await world.entries(group.conversation)).toHaveLength(2);
  });

  test('that breaks a rule is refused by name and stored nowhere', async () => {
    const { alice, bob, group } = await directPair();
    const commit = makeCommit(group, {
      removes: [{ person: bob, device: firstDevice(bob) }],
      users: [{ userId: bob.user, role: 0 }],
    });
    expect(await world.commit(alice, commit)).toMatchObject({
      status: 422,
      body: { code: 'commit-refused', reason: 'direct-people' },
    });
    expect(await world.entries(group.conversation)).toHaveLength(1);
    expect(await world.members(group.conversation)).toHaveLength(2);
  });

  test('of a stranger is refused as if there were no conversation', async () => {
    const { group } = await directPair();
    const eve = makePerson();
    world.auth.add(eve);
    const commit = makeCommit(group);
    const here = await world.commit(eve, commit);
    const nowhere = await world.post(eve, {
      path: `/api/conversations/${firstCommit({ kind: 'self', opener: eve, others: [] }).after.conversation}/commits`,
      commit,
    });
    expect(here.status).toBe(403);
    expect(here.body).toEqual(nowhere.body);
  });

  test('waits while auth-service is away, and is taken afterwards', async () => {
    const { alice, bob, group } = await directPair();
    const grown = { ...bob, version: 2, devices: [...bob.devices, makeDevice()] };
    world.auth.add(grown);
    const device = grown.devices[1] ?? makeDevice();
    const commit = makeCommit(group, {
      adds: [{ person: grown, device }],
      evidence: [listStatement(grown)],
    });
    world.auth.isAway = true;
    const away = await world.commit(alice, commit);
    world.auth.isAway = false;
    expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(away.headers.get('retry-after')).not.toBeNull();
    expect((await world.commit(alice, commit)).status).toBe(201);
    expect((await world.members(group.conversation)).map((member) => member.device)).toContain(device.id);
    const welcomes = await world.call(bob, {
      method: 'GET',
      path: '/api/conversations/welcomes',
      device: device.id,
    });
    expect(welcomes.body['welcomes']).toHaveLength(1);
  });

  test('that removes a device takes its Welcome away, and lets it come back', async () => {
    const { alice, bob, group } = await directPair();
    const second = makeDevice();
    const grown = { ...bob, version: 2, devices: [...bob.devices, second] };
    world.auth.add(grown);
    const adding = makeCommit(group, {
      adds: [{ person: grown, device: second }],
      evidence: [listStatement(grown)],
    });
    const with2 = after(adding, await world.commit(alice, adding));
    const shrunk = { ...bob, version: 3 };
    world.auth.add(shrunk);
    const removing = makeCommit(with2, {
      removes: [{ person: bob, device: second }],
      evidence: [listStatement(shrunk)],
    });
    const with1 = after(removing, await world.commit(alice, removing));
    expect((await world.members(group.conversation)).map((member) => member.device)).not.toContain(second.id);
    const welcomes = { method: 'GET', path: '/api/conversations/welcomes', device: second.id };
    expect((await world.call(bob, welcomes)).body['welcomes']).toEqual([]);
    expect(await world.commit(bob, makeCommit(with1), second.id)).toMatchObject({ status: 403 });

    const back = { ...grown, version: 4 };
    world.auth.add(back);
    const again = makeCommit(with1, {
      adds: [{ person: back, device: second }],
      evidence: [listStatement(back)],
    });
    after(again, await world.commit(alice, again));
    expect((await world.members(group.conversation)).map((member) => member.device)).toContain(second.id);
    expect((await world.call(bob, welcomes)).body['welcomes']).toHaveLength(1);
  });
});

describe('the next incarnation', () => {
  const next = (group: Group, [opener, peer]: [Person, Person], incarnation = 2) =>
    firstCommit({
      kind: 'direct',
      opener,
      others: [{ person: peer, role: 4 }],
      conversation: group.conversation,
      incarnation,
      lastCommitSeq: group.lastCommitSeq,
    });
  const start = (person: Person, commit: TestCommit) =>
    world.post(person, { path: `/api/conversations/${commit.after.conversation}/incarnations`, commit });

  test('is started by one of two, and the other is told', async () => {
    const { alice, bob, group } = await directPair();
    const answers = await Promise.all([
      start(alice, next(group, [alice, bob])),
      start(bob, next(group, [bob, alice])),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const lost = answers.find(({ status }) => status === 409);
    expect(lost?.body['code']).toBe('incarnation-exists');
    const old = makeCommit({ ...group, lastCommitSeq: seq.parse(2) });
    expect(await world.commit(alice, old)).toMatchObject({
      status: 422,
      body: { reason: 'info-incarnation' },
    });
    const list = await world.call(alice, { method: 'GET', path: '/api/conversations' });
    expect(list.body['conversations']).toEqual([
      expect.objectContaining({ incarnation: 2, newestCommitSeq: 2 }),
    ]);
  });

  test('stands at the newest commit', async () => {
    const { alice, bob, group } = await directPair();
    const commit = makeCommit(group);
    after(commit, await world.commit(alice, commit));
    const answer = await start(bob, next(group, [bob, alice]));
    expect(answer).toMatchObject({ status: 409, body: { code: 'stale-commit', newestCommitSeq: 2 } });
  });

  test('readmits a new device of a member in a direct conversation', async () => {
    const { alice, bob, group } = await directPair();
    const fresh = { ...bob, version: 2, devices: [makeDevice()] };
    world.auth.add(fresh);
    const commit = next(group, [fresh, alice]);
    after(commit, await start(fresh, commit));
    const devices = (await world.members(group.conversation)).map((member) => member.device);
    expect(devices.sort()).toEqual([firstDevice(alice).id, firstDevice(fresh).id].sort());
  });

  test('skips none', async () => {
    const { alice, bob, group } = await directPair();
    const answer = await start(alice, next(group, [alice, bob], 3));
    expect(answer).toMatchObject({ status: 422, body: { reason: 'info-incarnation' } });
  });
});

describe('limits', () => {
  test('three commits at once, then one every five seconds; removals pass', async () => {
    const [alice, bob, carol] = [makePerson(), makePerson(), makePerson()] as const;
    world.auth.add(alice, bob, carol);
    const first = firstCommit({
      kind: 'group',
      opener: alice,
      others: [
        { person: bob, role: 2 },
        { person: carol, role: 2 },
      ],
    });
    let group = after(first, await world.create(alice, first));
    for (let round = 0; round < 3; round += 1) {
      const commit = makeCommit(group);
      group = after(commit, await world.commit(alice, commit));
    }
    const refused = await world.commit(alice, makeCommit(group));
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate-limited' } });
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(5);
    const removal = makeCommit(group, {
      removes: [{ person: carol, device: firstDevice(carol) }],
      users: [{ userId: carol.user, role: 0 }],
    });
    group = after(removal, await world.commit(alice, removal));
    await world.rest(group.conversation);
    const commit = makeCommit(group);
    after(commit, await world.commit(alice, commit));
  });

  test('a plain member has ten commits an hour, an owner more', async () => {
    const [alice, bob] = [makePerson(), makePerson()] as const;
    world.auth.add(alice, bob);
    const first = firstCommit({ kind: 'group', opener: alice, others: [{ person: bob, role: 2 }] });
    let group = after(first, await world.create(alice, first));
    for (let round = 0; round < 10; round += 1) {
      await world.rest(group.conversation);
      const commit = makeCommit(group);
      group = after(commit, await world.commit(bob, commit));
    }
    await world.rest(group.conversation);
    const refused = await world.commit(bob, makeCommit(group));
    expect(refused.status).toBe(429);
    expect(refused.body['retryAfter']).toBeGreaterThan(3_000);
    const commit = makeCommit(group);
    group = after(commit, await world.commit(alice, commit));
    await world.database.query(
      `update groups.commits set accepted_at = accepted_at - interval '1 hour' where conversation_id = $1`,
      [group.conversation],
    );
    await world.rest(group.conversation);
    const later = makeCommit(group);
    after(later, await world.commit(bob, later));
  });
});
