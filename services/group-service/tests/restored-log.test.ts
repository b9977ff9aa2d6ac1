import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  encodeBase64url,
  statement as statements,
  type ConversationId,
  type RoleNumber,
  type Seq,
} from '@wisp/protocol';
import { firstCommit, makeCommit, type Group, type TestCommit } from './commits.js';
import { firstDevice, leaveStatement, listStatement, makePerson, type Person } from './people.js';
import { startWorld, type Answer, type World } from './world.js';

/* The log was restored and has lost commits that this service knows: the log's places hold, and nobody comes back. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const TABLES = ['conversations', 'members', 'entries'];
let copies = 0;

/** Answers how to put the log, and nothing else, back to what it is now. */
async function copyLog(conversation: ConversationId): Promise<() => Promise<void>> {
  const { query } = world.database;
  const copy = (copies += 1);
  for (const table of TABLES)
    await query(
      `create table copy_${copy}_${table} as
         select * from messages.${table} where conversation_id = '${conversation}'`,
    );
  return async () => {
    for (const table of TABLES) {
      await query(`delete from messages.${table} where conversation_id = $1`, [conversation]);
      await query(`insert into messages.${table} select * from copy_${copy}_${table}`);
    }
    await query('select messages.note_timeline_v1(true)');
  };
}

function after(commit: TestCommit, answer: Answer): Group {
  expect(answer).toMatchObject({ status: 201 });
  return { ...commit.after, lastCommitSeq: answer.body['seq'] as Seq };
}

const path = ({ conversation }: Group) => `/api/conversations/${conversation}`;
const start = (person: Person, commit: TestCommit) =>
  world.post(person, { path: `${path(commit.after)}/incarnations`, commit });

/** The group's next incarnation with these people in it, of the log's newest commit. */
const next = (
  group: Group,
  opener: { person: Person; role: RoleNumber },
  others: { person: Person; role: RoleNumber }[],
) =>
  firstCommit({
    kind: group.kind,
    opener: opener.person,
    others,
    conversation: group.conversation,
    incarnation: group.incarnation + 1,
    lastCommitSeq: group.lastCommitSeq,
    change: {
      users: [opener, ...others].map(({ person, role }) => ({ userId: person.user, role })),
    },
  });

async function membersOf({ conversation }: Group) {
  const rows = await world.members(conversation);
  return new Map(rows.map(({ device, role }) => [device, role]));
}

const rolesOf = (...people: [Person, number][]) =>
  new Map(
    people
      .map(([person, role]) => [firstDevice(person).id, role] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

async function placeOf({ conversation }: Group): Promise<{ seq: number; commits: number[] }> {
  const [row] = await world.database.query<{ seq: string; commits: string[] }>(
    `select newest_commit_seq as seq,
       array(select k.seq from groups.commits k where k.conversation_id = c.conversation_id order by 1) as commits
     from groups.conversations c where conversation_id = $1`,
    [conversation],
  );
  return { seq: Number(row?.seq), commits: (row?.commits ?? []).map(Number) };
}

/**
 * After the copy of the log was made Mallory was put out, Bob was an admin no more, and Carol came. The log knows
 * nothing of it now.
 */
async function restoredTeam() {
  const [alice, bob, mallory, carol] = [makePerson(), makePerson(), makePerson(), makePerson()];
  world.auth.add(alice, bob, mallory, carol);
  const first = firstCommit({
    kind: 'group',
    opener: alice,
    others: [
      { person: bob, role: 3 },
      { person: mallory, role: 3 },
    ],
  });
  const copied = after(first, await world.create(alice, first));
  const restore = await copyLog(copied.conversation);
  let newest = copied;
  const changes = [
    {
      removes: [{ person: mallory, device: firstDevice(mallory) }],
      users: [{ userId: mallory.user, role: 0 as const }],
    },
    { users: [{ userId: bob.user, role: 2 as const }] },
    {
      adds: [{ person: carol, device: firstDevice(carol) }],
      users: [{ userId: carol.user, role: 2 as const }],
      evidence: [listStatement(carol)],
    },
  ];
  let lost: TestCommit = first;
  for (const change of changes) {
    lost = makeCommit(newest, change);
    newest = after(lost, await world.commit(alice, lost));
  }
  await restore();
  await world.rest(copied.conversation);
  expect(await membersOf(copied)).toEqual(rolesOf([alice, 4], [bob, 3], [mallory, 3]));
  return { alice, bob, mallory, carol, copied, newest, lost };
}

describe('after lost commits', () => {
  test('the next incarnation is placed by the log, and both know the same members again', async () => {
    const { alice, bob, mallory, carol, copied, newest } = await restoredTeam();
    const all = [
      { person: bob, role: 2 as const },
      { person: carol, role: 2 as const },
    ];
    const owner = { person: alice, role: 4 as const };
    expect(await start(alice, next(newest, owner, all))).toMatchObject({
      status: 409,
      body: { code: 'stale-commit', newestCommitSeq: copied.lastCommitSeq },
    });
    const opened = next(copied, owner, all);
    const group = after(opened, await start(alice, opened));
    expect(group.lastCommitSeq).toBe(copied.lastCommitSeq + 1);
    expect(await membersOf(group)).toEqual(rolesOf([alice, 4], [bob, 2], [carol, 2]));
    expect(await placeOf(group)).toEqual({ seq: 2, commits: [1, 2] });

    // And on as if nothing had happened.
    await world.rest(group.conversation);
    const commit = makeCommit(group);
    const on = after(commit, await world.commit(carol, commit));
    const out = { removes: [{ person: bob, device: firstDevice(bob) }] };
    const removal = makeCommit(on, { ...out, users: [{ userId: bob.user, role: 0 }] });
    expect(await world.commit(alice, removal)).toMatchObject({ status: 201 });
    expect(await membersOf(group)).toEqual(rolesOf([alice, 4], [carol, 2]));
    expect((await world.commit(mallory, makeCommit(on))).status).toBe(403);
  });

  test('no commit but that one gets on, whatever place it names', async () => {
    const { alice, copied, newest } = await restoredTeam();
    for (const ground of [copied, newest])
      expect(await world.commit(alice, makeCommit(ground))).toMatchObject({
        status: 409,
        body: { code: 'stale-commit' },
      });
    expect(await placeOf(newest)).toEqual({ seq: newest.lastCommitSeq, commits: [1, 2, 3, 4] });
  });

  test('whoever was put out stays out, though the log knows them as an admin', async () => {
    const { alice, bob, mallory, copied } = await restoredTeam();
    const back = [
      { person: alice, role: 4 as const },
      { person: bob, role: 3 as const },
    ];
    const own = next(copied, { person: mallory, role: 3 }, back);
    expect((await start(mallory, own)).status).toBe(403);
    expect((await world.commit(mallory, makeCommit(copied))).status).toBe(403);
    const invited = next(copied, { person: alice, role: 4 }, [{ person: mallory, role: 2 }]);
    expect(await start(alice, invited)).toMatchObject({ status: 422, body: { reason: 'previous-roster' } });
  });

  test('a role that was lowered stays low, though the log knows the higher one', async () => {
    const { alice, bob, copied } = await restoredTeam();
    const own = next(copied, { person: bob, role: 2 }, [{ person: alice, role: 4 }]);
    expect(await start(bob, own)).toMatchObject({ status: 422, body: { reason: 'role-incarnation' } });
    const raised = next(copied, { person: alice, role: 4 }, [{ person: bob, role: 3 }]);
    expect(await start(alice, raised)).toMatchObject({ status: 422, body: { reason: 'previous-roster' } });
  });

  test('a refused one changes nothing', async () => {
    const { alice, carol, copied, newest } = await restoredTeam();
    // The log, which takes nobody's word for it, doesn't know her yet.
    const own = next(copied, { person: carol, role: 2 }, [{ person: alice, role: 4 }]);
    expect((await start(carol, own)).status).toBe(422);
    expect(await placeOf(newest)).toEqual({ seq: newest.lastCommitSeq, commits: [1, 2, 3, 4] });
  });

  test('a lost commit that is sent again isn’t said to be there', async () => {
    const { alice, copied, lost } = await restoredTeam();
    expect(await world.commit(alice, lost)).toMatchObject({
      status: 409,
      body: { code: 'stale-commit', newestCommitSeq: copied.lastCommitSeq },
    });
  });

  test('a Welcome of a lost commit isn’t handed out, and goes with the next incarnation', async () => {
    const { alice, carol, copied } = await restoredTeam();
    const list = async () => {
      const answer = await world.call(carol, { method: 'GET', path: '/api/conversations/welcomes' });
      return (answer.body['welcomes'] as { seq: number }[]).map(({ seq }) => seq);
    };
    expect(await list()).toEqual([]);
    const opened = next(copied, { person: alice, role: 4 }, [{ person: carol, role: 2 }]);
    const group = after(opened, await start(alice, opened));
    expect(await list()).toEqual([group.lastCommitSeq]);
    await world.stopLog();
    expect(await world.call(carol, { method: 'GET', path: '/api/conversations/welcomes' })).toMatchObject({
      status: 503,
    });
    await world.startLog();
  });

  test('a departure that the log has lost ends with the next incarnation', async () => {
    const [alice, bob, carol] = [makePerson(), makePerson(), makePerson()];
    world.auth.add(alice, bob, carol);
    const others = [bob, carol].map((person) => ({ person, role: 2 as const }));
    const first = firstCommit({ kind: 'group', opener: alice, others });
    const group = after(first, await world.create(alice, first));
    const restore = await copyLog(group.conversation);
    const { conversation } = group;
    const statement = leaveStatement({ person: bob, conversation });
    const left = await world.call(bob, {
      method: 'POST',
      path: `${path(group)}/leave`,
      body: { statement: encodeBase64url(statements.encode(statement)) },
    });
    expect(left.status).toBe(204);
    await restore();
    const [carolToo] = others.filter(({ person }) => person === carol);
    if (carolToo === undefined) throw new Error('nobody');
    const both = next(group, { person: alice, role: 4 }, others);
    expect(await start(alice, both)).toMatchObject({ status: 422, body: { reason: 'previous-roster' } });
    const opened = next(group, { person: alice, role: 4 }, [carolToo]);
    after(opened, await start(alice, opened));
    expect(await membersOf(group)).toEqual(rolesOf([alice, 4], [carol, 2]));
  });
});

test('a conversation that the log has lost comes back into it, with the roles that it had', async () => {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'group', opener: alice, others: [{ person: bob, role: 3 }] });
  const group = after(first, await world.create(alice, first));
  for (const table of TABLES)
    await world.database.query(`delete from messages.${table} where conversation_id = $1`, [
      group.conversation,
    ]);
  const unknown = { ...group, lastCommitSeq: 0 as Seq };
  const opened = next(unknown, { person: bob, role: 3 }, [{ person: alice, role: 4 }]);
  const again = after(opened, await start(bob, opened));
  expect(again.lastCommitSeq).toBe(1);
  expect(await membersOf(again)).toEqual(rolesOf([alice, 4], [bob, 3]));
  expect(await placeOf(again)).toEqual({ seq: 1, commits: [1] });
  await world.rest(group.conversation);
  const commit = makeCommit(again);
  expect(await world.commit(alice, commit)).toMatchObject({ status: 201 });
});

test('where the log has lost nothing, no place but its newest one is taken', async () => {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
  const group = after(first, await world.create(alice, first));
  const commit = makeCommit(group);
  const newest = after(commit, await world.commit(alice, commit));
  const peer = [{ person: alice, role: 4 as const }];
  for (const lastCommitSeq of [0, group.lastCommitSeq, newest.lastCommitSeq + 1] as Seq[])
    expect(
      await start(bob, next({ ...newest, lastCommitSeq }, { person: bob, role: 4 }, peer)),
    ).toMatchObject({ status: 409, body: { newestCommitSeq: newest.lastCommitSeq } });
  expect(await placeOf(newest)).toEqual({ seq: 2, commits: [1, 2] });
});

test('a projection that was restored, and not the log, says what it doesn’t know instead of guessing', async () => {
  const [alice, bob] = [makePerson(), makePerson()];
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
  const group = after(first, await world.create(alice, first));
  const commit = makeCommit(group);
  const newest = after(commit, await world.commit(alice, commit));
  const { query } = world.database;
  await query('delete from groups.commits where conversation_id = $1 and seq > 1', [group.conversation]);
  await query('update groups.conversations set newest_commit_seq = 1 where conversation_id = $1', [
    group.conversation,
  ]);
  expect(await world.commit(alice, makeCommit(newest))).toMatchObject({
    status: 409,
    body: { code: 'stale-commit', newestCommitSeq: group.lastCommitSeq },
  });
  const opened = next(newest, { person: bob, role: 4 }, [{ person: alice, role: 4 }]);
  expect(await start(bob, opened)).toMatchObject({ status: 503 });
  expect(await world.entries(group.conversation)).toHaveLength(2);
});
