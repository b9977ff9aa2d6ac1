import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger, runMigrations } from '@wisp/service-kit';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { provisionDatabase } from '../src/index.js';

/* Roles belong to the whole server: these are the test world's, name and password. */
const roles = (['auth', 'groups', 'messages'] as const).map((name) => ({ name, password: 'world' }));
const services = { auth: 'auth-service', groups: 'group-service', messages: 'message-service' };
const names = ['auth', 'groups', 'messages'] as const;
type Name = (typeof names)[number];

const adminUrl = process.env['WISP_TEST_POSTGRES_URL'] ?? '';
const database = `provision_${randomUUID().replaceAll('-', '')}`;
let urls: Record<Name, string>;

beforeAll(async () => {
  urls = await provisionDatabase(adminUrl, { database, roles });
  const logger = createLogger({ service: 'test', level: 'silent' });
  for (const schema of names) {
    const dir = fileURLToPath(new URL(`../../../services/${services[schema]}/migrations`, import.meta.url));
    await runMigrations({ databaseUrl: urls[schema], schema, dir, logger });
  }
});
afterAll(async () => {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  await admin.end();
});

/** The SQLSTATE of a refusal, or `ok`. */
async function attempt(name: Name, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: urls[name] });
  await client.connect();
  try {
    await client.query(statement);
    return 'ok';
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? 'no code') : 'no database error';
  } finally {
    await client.end();
  }
}

const DENIED = '42501';
const tables: Record<Name, string> = {
  auth: 'auth.accounts',
  groups: 'groups.roster',
  messages: 'messages.entries',
};

describe.each(names)('the role %s', (name) => {
  const others = names.filter((other) => other !== name);

  test('reads its own schema', async () => {
    expect(await attempt(name, `SELECT * FROM ${tables[name]} LIMIT 1`)).toBe('ok');
  });

  test.each(others)('cannot read, write, call or add anything in %s', async (other) => {
    expect(await attempt(name, `SELECT * FROM ${tables[other]} LIMIT 1`)).toBe(DENIED);
    expect(await attempt(name, `DELETE FROM ${tables[other]}`)).toBe(DENIED);
    expect(await attempt(name, `CREATE TABLE ${other}.own (a integer)`)).toBe(DENIED);
    expect(await attempt(name, 'SELECT messages.note_timeline_v1()')).toBe(
      name === 'messages' ? 'ok' : DENIED,
    );
  });

  test('makes no schema, no database, no role and no table elsewhere, and is nobody else', async () => {
    expect(await attempt(name, 'CREATE SCHEMA mine')).toBe(DENIED);
    expect(await attempt(name, 'CREATE DATABASE mine')).toBe(DENIED);
    expect(await attempt(name, 'CREATE ROLE mine')).toBe(DENIED);
    expect(await attempt(name, 'CREATE TABLE public.mine (a integer)')).toBe(DENIED);
    expect(await attempt(name, 'CREATE TEMP TABLE mine (a integer)')).toBe(DENIED);
    expect(await attempt(name, `SET ROLE ${others[0]}`)).toBe(DENIED);
    expect(await attempt(name, 'SELECT * FROM pg_authid')).toBe(DENIED);
    expect(await attempt(name, "SELECT pg_read_file('postgresql.conf')")).toBe(DENIED);
  });
});
