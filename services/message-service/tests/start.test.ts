import { afterEach, expect, test } from '@jest/globals';
import { startWorld, type World } from './world.js';

let world: World | undefined;
afterEach(() => world?.end());

test('refuses a database that may lose what it has confirmed', async () => {
  world = await startWorld();
  const [row] = await world.database.query<{ name: string }>('SELECT current_database() AS name');
  await world.database.query(`ALTER ROLE ${row?.name} SET synchronous_commit = off`);
  await expect(world.startReplica()).rejects.toMatchObject({
    name: 'NotDurableError',
    settings: ['synchronous_commit'],
  });
  await world.database.query(`ALTER ROLE ${row?.name} RESET synchronous_commit`);
  await world.startReplica();
});

test('several replicas may start at once, and start again on what is there', async () => {
  world = await startWorld();
  const replicas = await Promise.all([world.startReplica(), world.startReplica(), world.startReplica()]);
  const { alice, conversation } = await world.duo();
  for (const replica of replicas) await replica.end();
  await world.startReplica();
  expect(await world.commit({ ...alice, conversation })).toMatchObject({ status: 'appended', seq: 2 });
});

test('the role of the service owns its schema and nothing else', async () => {
  world = await startWorld();
  await world.startReplica();
  const [row] = await world.database.query<{ name: string }>('SELECT current_database() AS name');
  const tables = await world.database.query<{ owner: string }>(
    `SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = 'messages'`,
  );
  expect(tables).toEqual([{ owner: row?.name }]);
  const [role] = await world.database.query<Record<string, boolean>>(
    'SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = $1',
    [row?.name],
  );
  expect(Object.values(role ?? {})).toEqual([false, false, false, false, false]);
});
