import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeBase64url, statement, type ConversationId, type Seq } from '@wisp/protocol';
import { forgetOld } from '../src/store/forget-old.js';
import { connectDatabase, type Database } from '../src/store/connect-database.js';
import { firstCommit, makeCommit } from './commits.js';
import { joinStatement, leaveStatement, makePerson, repairStatement, type Person } from './people.js';
import { startWorld, type World } from './world.js';

const DAY = 24 * 60 * 60;
let world: World;
let database: Database;
beforeAll(async () => {
  world = await startWorld();
  database = connectDatabase({ databaseUrl: world.database.url, connections: 2 });
});
afterAll(async () => {
  await database.$disconnect();
  await world.stop();
});

async function trio() {
  const people = [makePerson(), makePerson(), makePerson(), makePerson()] as const;
  const [alice, bob, carol, dan] = people;
  world.auth.add(...people);
  const others = [bob, carol].map((person) => ({ person, role: 2 as const }));
  const first = firstCommit({ kind: 'group', opener: alice, others });
  const { body } = await world.create(alice, first);
  const group = { ...first.after, lastCommitSeq: body['seq'] as Seq };
  return { alice, bob, carol, dan, group, conversation: group.conversation };
}

const age = (table: string, column: string, days: number) =>
  world.database.query(`update groups.${table} set ${column} = ${column} - make_interval(days => $1)`, [
    days,
  ]);
const forget = (rows = 100) => forgetOld(database, { commitSeconds: 90 * DAY, rows });
const rowsOf = async (table: string, conversation: ConversationId) =>
  (await world.database.query(`select 1 from groups.${table} where conversation_id = $1`, [conversation]))
    .length;
const welcomesOf = async (person: Person) =>
  (await world.call(person, { method: 'GET', path: '/api/conversations/welcomes' })).body['welcomes'];

test('a Welcome that nobody came for goes with its commit; the newest commit stays', async () => {
  const { alice, bob, group, conversation } = await trio();
  await world.rest(conversation);
  expect((await world.commit(alice, makeCommit(group))).status).toBe(201);
  expect(await welcomesOf(bob)).toHaveLength(1);
  await age('commits', 'accepted_at', 89);
  await forget();
  expect(await welcomesOf(bob)).toHaveLength(1);
  await age('commits', 'accepted_at', 2);
  // A round takes a step at a time.
  expect(await forget(1)).toBe(true);
  expect(await forget(1)).toBe(false);
  expect(await welcomesOf(bob)).toEqual([]);
  expect(await rowsOf('welcome_bodies', conversation)).toBe(0);
  expect(await rowsOf('commits', conversation)).toBe(1);
});

test('a request that nobody granted goes after a month, a departure never', async () => {
  const { bob, carol, dan, conversation } = await trio();
  const ask = (person: Person, kind: string, says: ReturnType<typeof joinStatement>) =>
    world.call(person, {
      method: 'POST',
      path: `/api/conversations/${conversation}/${kind}`,
      body: { statement: encodeBase64url(statement.encode(says)) },
    });
  await ask(dan, 'join-requests', joinStatement({ person: dan, conversation }));
  await ask(carol, 'repair-requests', repairStatement({ person: carol, conversation }));
  await ask(bob, 'leave', leaveStatement({ person: bob, conversation }));
  await age('requests', 'at', 29);
  await forget();
  expect(await rowsOf('requests', conversation)).toBe(3);
  await age('requests', 'at', 2);
  await forget();
  expect(
    await world.database.query('select kind from groups.requests where conversation_id = $1', [conversation]),
  ).toEqual([{ kind: 'leave' }]);
});
