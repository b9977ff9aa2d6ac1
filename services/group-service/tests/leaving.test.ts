import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeBase64url, statement, type ConversationId, type Seq } from '@wisp/protocol';
import { firstCommit, makeCommit } from './commits.js';
import { firstDevice, leaveStatement, listStatement, makeDevice, makePerson, type Person } from './people.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function trio() {
  const [alice, bob, carol] = [makePerson(), makePerson(), makePerson()];
  world.auth.add(alice, bob, carol);
  const others = [bob, carol].map((person) => ({ person, role: 2 as const }));
  const first = firstCommit({ kind: 'group', opener: alice, others });
  const { body } = await world.create(alice, first);
  const group = { ...first.after, lastCommitSeq: body['seq'] as Seq };
  return { alice, bob, carol, group, conversation: group.conversation };
}

const leave = (person: Person, conversation: ConversationId) =>
  world.call(person, {
    method: 'POST',
    path: `/api/conversations/${conversation}/leave`,
    body: { statement: encodeBase64url(statement.encode(leaveStatement({ person, conversation }))) },
  });

const devicesIn = async (conversation: ConversationId) =>
  (await world.members(conversation)).map(({ device }) => device).sort();
const devicesOf = (...people: Person[]) => people.map((person) => firstDevice(person).id).sort();

/** The sweep of a replica has come by. */
async function untilTold(conversation: ConversationId): Promise<void> {
  for (;;) {
    const untold = await world.database.query(
      'select 1 from groups.roster where conversation_id = $1 and left_at is not null and not left_told',
      [conversation],
    );
    if (untold.length === 0) return;
    await new Promise(setImmediate);
  }
}

test('the log serves and accepts nobody who has left, before any commit says so', async () => {
  const { alice, bob, carol, group, conversation } = await trio();
  expect((await leave(bob, conversation)).status).toBe(204);
  expect(await devicesIn(conversation)).toEqual(devicesOf(alice, carol));

  // Nor is he let in by the back door: with another device of his.
  const phone = makeDevice();
  const grown = { ...bob, version: 2, devices: [...bob.devices, phone] };
  world.auth.add(grown);
  const device = makeCommit(group, {
    adds: [{ person: grown, device: phone }],
    evidence: [listStatement(grown)],
  });
  expect(await world.commit(carol, device)).toMatchObject({
    status: 422,
    body: { reason: 'leave-evidence' },
  });

  const removal = makeCommit(group, {
    removes: [{ person: bob, device: firstDevice(bob) }],
    users: [{ userId: bob.user, role: 0 }],
    evidence: [leaveStatement({ person: bob, conversation })],
  });
  const removed = await world.commit(carol, removal);
  expect(removed.status).toBe(201);
  await world.rest(conversation);
  const back = makeCommit(
    { ...removal.after, lastCommitSeq: removed.body['seq'] as Seq },
    {
      adds: grown.devices.map((each) => ({ person: grown, device: each })),
      users: [{ userId: bob.user, role: 2 }],
      evidence: [listStatement(grown)],
    },
  );
  expect((await world.commit(alice, back)).status).toBe(201);
  expect(await devicesIn(conversation)).toEqual([...devicesOf(alice, bob, carol), phone.id].sort());
});

test('where the log is away the answer is in doubt, and any replica tells it later', async () => {
  const { alice, bob, carol, conversation } = await trio();
  await world.stopLog();
  expect(await leave(bob, conversation)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect((await world.call(bob, { method: 'GET', path: `/api/conversations/${conversation}` })).status).toBe(
    403,
  );
  await world.startLog();
  await untilTold(conversation);
  expect(await devicesIn(conversation)).toEqual(devicesOf(alice, carol));
});

test('a commit that was on its way cannot bring a leaver back', async () => {
  const { alice, bob, carol, group, conversation } = await trio();
  const phone = makeDevice();
  const grown = { ...bob, version: 2, devices: [...bob.devices, phone] };
  world.auth.add(grown);
  const device = makeCommit(group, {
    adds: [{ person: grown, device: phone }],
    evidence: [listStatement(grown)],
  });
  await world.stopLog();
  // Judged and kept while he was here; in the log only after he left.
  expect((await world.commit(carol, device)).status).toBe(503);
  expect((await leave(bob, conversation)).status).toBe(503);
  await world.startLog();
  await world.commit(carol, device);
  await untilTold(conversation);
  expect(await devicesIn(conversation)).toEqual(devicesOf(alice, carol));
});
