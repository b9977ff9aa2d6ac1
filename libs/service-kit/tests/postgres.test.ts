import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  NotDurableError,
  assertDurable,
  bisect,
  classifyDatabaseError,
  createPool,
  runMigrations,
  type Pool,
} from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';
import { administer, createDatabase } from './databases.js';
import { silentLogger } from './silent-logger.js';

const dir = fileURLToPath(new URL('./migrations', import.meta.url));
const logger = silentLogger();
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase('kit');
  const migrate = () => runMigrations({ databaseUrl: database.url, schema: 'notes', dir, logger });
  // Three replicas start at once.
  await Promise.all([migrate(), migrate(), migrate()]);
  pool = createPool({ databaseUrl: database.url, schema: 'notes', name: 'kit test', connections: 3, logger });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('migrations', () => {
  test('ran once each, in the schema, with their record', async () => {
    const { rows } = await pool.query<{ name: string }>('select name from notes.migrations order by id');
    expect(rows.map(({ name }) => name)).toEqual(['1_notes', '2_notes_view']);
  });

  test('run again without an effect', async () => {
    await runMigrations({ databaseUrl: database.url, schema: 'notes', dir, logger });
    const { rows } = await pool.query('select 1 from notes.migrations');
    expect(rows).toHaveLength(2);
  });
});

describe('pools', () => {
  test('find the schema, name themselves and read bigints as numbers', async () => {
    const { rows } = await pool.query(
      `select count_notes_1() as count, current_setting('application_name') as name, null::bigint as nothing`,
    );
    expect(rows).toEqual([{ count: 0, name: 'kit test', nothing: null }]);
    const error = await caught(pool.query('select 9223372036854775807 as beyond'));
    expect(error).toBeInstanceOf(RangeError);
  });

  test('have the nested timeouts', async () => {
    const { rows } = await pool.query<{ setting: string }>(
      `select name || ' ' || setting as setting from pg_settings
       where name in ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
    );
    expect(rows.map(({ setting }) => setting)).toEqual([
      'idle_in_transaction_session_timeout 5000',
      'lock_timeout 2000',
      'statement_timeout 3000',
    ]);
  });

  test('a statement beyond its time and a killed connection are unavailability', async () => {
    const impatient = createPool({
      databaseUrl: database.url,
      schema: 'notes',
      name: 'impatient',
      connections: 1,
      statementMs: 50,
      logger,
    });
    const late = await caught(impatient.query('select pg_sleep(30)'));
    expect(late).toMatchObject({ code: '57014' });
    expect(classifyDatabaseError(late)).toBe('unavailable');
    const killed = await caught(impatient.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(classifyDatabaseError(killed)).toBe('unavailable');
    // The pool replaces what broke.
    expect((await impatient.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await impatient.end();
  });

  test('nobody there is unavailability', async () => {
    const lost = createPool({
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      schema: 'notes',
      name: 'lost',
      connections: 1,
      logger,
    });
    expect(classifyDatabaseError(await caught(lost.query('select 1')))).toBe('unavailable');
    await lost.end();
  });
});

test('a poisoned batch is stored but for its poison', async () => {
  const bodies = Array.from({ length: 20 }, (_, i) => (i % 7 === 3 ? 'poison' : `note ${i}`));
  const outcomes = await bisect([...bodies.entries()], async (rows) => {
    await pool.query('insert into notes select * from unnest($1::bigint[], $2::text[])', [
      rows.map(([id]) => id),
      rows.map(([, body]) => body),
    ]);
    return rows.map(([id]) => id);
  });
  expect(outcomes.map(({ kind }) => (kind === 'done' ? 'stored' : kind))).toEqual(
    bodies.map((body) => (body === 'poison' ? 'poison' : 'stored')),
  );
  const { rows } = await pool.query('select id from notes order by id');
  expect(rows).toHaveLength(bodies.filter((body) => body !== 'poison').length);
});

test('a database that may forget is refused', async () => {
  await assertDurable(pool);
  const role = `careless_${process.pid}`;
  await administer(database.url, `create role ${role} login password 'test'`);
  await administer(database.url, `alter role ${role} set synchronous_commit = off`);
  const url = new URL(database.url);
  url.username = role;
  url.password = 'test';
  const careless = createPool({
    databaseUrl: url.toString(),
    schema: 'notes',
    name: 'careless',
    connections: 1,
    logger,
  });
  const error = await caught(assertDurable(careless));
  await careless.end();
  await administer(database.url, `drop role ${role}`);
  expect(error).toBeInstanceOf(NotDurableError);
  expect(error).toMatchObject({ settings: ['synchronous_commit'] });
});
