import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  countKeyPackages,
  createSession,
  endSession,
  getJwks,
  getParameters,
  listSessions,
  refreshSession,
  subjects,
  uploadKeyPackages,
} from '@wisp/protocol';
import { createTokenVerifier, jwksFromBus } from '@wisp/service-kit';
import jwt from 'jsonwebtoken';
import { randomBytes, randomUUID } from 'node:crypto';
import { WrongInstallation, type AuthConfig } from '../src/index.js';
import { createDatabase, type TestDatabase } from './database.js';
import { makeKeyPackage } from './person.js';
import { makeConfig, startWorld, type World } from './world.js';

let database: TestDatabase;
let config: AuthConfig;
const worlds: World[] = [];

beforeEach(async () => {
  database = await createDatabase();
  config = makeConfig(database.url);
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  await database.drop();
});

async function start(changes: Partial<AuthConfig> = {}): Promise<World> {
  const world = await startWorld({ database, config: { ...config, ...changes } });
  worlds.push(world);
  return world;
}

const kidOf = (token: string) => jwt.decode(token, { complete: true })?.header.kid;

describe('starting', () => {
  test('three replicas at once on an empty database', async () => {
    const [one, two, three] = await Promise.all([start(), start(), start()]);
    const alice = await one.register();
    expect((await two.call(listSessions, { token: alice.token })).status).toBe(200);
    const bob = await three.signIn(alice.person);
    expect(kidOf(bob.token)).toBe(kidOf(alice.token));
    expect((await one.call(listSessions, { token: alice.token })).problem.code).toBe('session-ended');
  });

  test('again: sessions and tokens live on', async () => {
    const before = await start();
    const { token, cookie } = await before.register();
    const after = await start();
    expect((await after.call(listSessions, { token })).status).toBe(200);
    expect((await after.call(refreshSession, { cookie })).status).toBe(200);
  });

  test("on another installation's database: refused", async () => {
    await start();
    await expect(start({ serverId: randomUUID() as AuthConfig['serverId'] })).rejects.toThrow(
      WrongInstallation,
    );
  });

  test('on a restored database: sessions end, KeyPackages are void, old tokens are worthless', async () => {
    const before = await start();
    const alice = await before.register();
    await before.call(uploadKeyPackages, {
      token: alice.token,
      body: { keyPackages: [makeKeyPackage()], lastResort: makeKeyPackage() },
    });
    await database.query(`update auth.installation set timeline = 'before/00000001'`);
    const after = await start();
    expect((await after.call(listSessions, { token: alice.token })).problem.code).toBe('unauthorized');
    expect((await after.call(refreshSession, { cookie: alice.cookie })).problem.code).toBe('session-ended');
    const again = await after.signIn(alice.person);
    expect(kidOf(again.token)).not.toBe(kidOf(alice.token));
    expect((await after.call(countKeyPackages, { token: again.token })).value).toEqual({
      count: 0,
      lastResort: false,
    });
    expect(after.lines.join()).toContain('the database was restored');
  });

  test('with a higher cost: a sign-in renews its hash', async () => {
    const before = await start();
    const { person } = await before.register();
    const after = await start({ bcryptCost: 5 });
    await after.signIn(person);
    await after.signIn(person);
    const [row] = await database.query<{ password_hash: string; recovery_hash: string }>(
      'select * from auth.accounts',
    );
    expect(row?.password_hash).toMatch(/^\$2b\$05\$/);
    expect(row?.recovery_hash).toMatch(/^\$2b\$04\$/);
  });

  test('with another pepper nobody can sign in; with another salt key salts differ', async () => {
    const before = await start();
    const { person } = await before.register();
    const after = await start({ pepper: randomBytes(32), saltKey: randomBytes(32) });
    const { username, authKeys } = person;
    const body = { username, slot: 'password', authKey: authKeys.password };
    expect((await after.call(createSession, { body })).problem.code).toBe('wrong-credentials');
    const salt = async (world: World) =>
      (await world.call(getParameters, { query: { username } })).value.serverSalt;
    expect(await salt(after)).not.toBe(await salt(before));
  });
});

describe('signing keys', () => {
  test('other services verify by what the bus tells; HTTP tells the same', async () => {
    const world = await start();
    const { token, person, answer } = await world.register();
    const verifier = createTokenVerifier({
      issuer: world.serverId,
      keys: jwksFromBus(world.bus),
      revocations: { isRevoked: () => false },
    });
    expect(await verifier.verify(token)).toMatchObject({
      kind: 'valid',
      claims: { sub: person.userId, sid: answer.sessionId },
    });
    const { value } = await world.call(getJwks);
    expect(value).toEqual(await world.bus.request(subjects.getJwks(), {}));
    expect(value.keys).toHaveLength(1);
  });

  test('a successor is known an hour before it signs; the old one goes an hour after', async () => {
    const first = await start();
    const alice = await first.register();
    const ageBy = (interval: string) =>
      database.query(`update auth.signing_keys set active_from = active_from - $1::interval`, [interval]);

    await ageBy('30 days');
    const second = await start();
    const bob = await second.register();
    expect(kidOf(bob.token)).toBe(kidOf(alice.token));
    expect((await second.call(getJwks)).value.keys).toHaveLength(2);

    await ageBy('61 minutes');
    const third = await start();
    const carol = await third.register();
    expect(kidOf(carol.token)).not.toBe(kidOf(alice.token));
    expect((await third.call(getJwks)).value.keys).toHaveLength(2);
    expect((await third.call(listSessions, { token: alice.token })).status).toBe(200);

    await ageBy('61 minutes');
    const fourth = await start();
    const { value } = await fourth.call(getJwks);
    expect(value.keys.map(({ kid }) => kid)).toEqual([kidOf(carol.token)]);
    expect((await fourth.call(listSessions, { token: alice.token })).problem.code).toBe('unauthorized');
    expect((await fourth.call(listSessions, { token: carol.token })).status).toBe(200);
  });

  test('rest sealed: the database alone signs nothing, another sealing key makes another key', async () => {
    const world = await start();
    const alice = await world.register();
    const [row] = await database.query<{ sealed_key: Buffer }>('select sealed_key from auth.signing_keys');
    expect(row?.sealed_key.includes(Buffer.from('06082a8648ce3d030107', 'hex'))).toBe(false);
    const other = await start({ keyEncryptionKey: randomBytes(32) });
    const bob = await other.register();
    expect(kidOf(bob.token)).not.toBe(kidOf(alice.token));
    // Both are published, so that tokens of before live out their time.
    expect((await world.call(listSessions, { token: bob.token })).status).toBe(200);
    expect((await other.call(listSessions, { token: alice.token })).status).toBe(200);
    // Refresh tokens are made by the same key: those of before are guesses now.
    expect((await other.call(refreshSession, { cookie: alice.cookie })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: alice.cookie })).status).toBe(200);
  });
});

describe('a part is away', () => {
  test('PostgreSQL: unavailable, and well again when it is back', async () => {
    const world = await start();
    const alice = await world.register();
    expect((await world.call(listSessions, { token: alice.token })).status).toBe(200);
    const name = new URL(database.url).username;
    await database.query(`alter role ${name} connection limit 0`);
    const cut = () =>
      database.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [name]);
    await cut();
    const { username, authKeys } = alice.person;
    const calls = [
      () => world.call(listSessions, { token: alice.token }),
      () => world.call(refreshSession, { cookie: alice.cookie }),
      () => world.call(createSession, { body: { username, slot: 'password', authKey: authKeys.password } }),
      () => world.call(getJwks),
    ];
    for (const ask of calls) {
      const { problem } = await ask();
      expect([problem.code, problem.retryAfter]).toEqual(['unavailable', 1]);
    }
    await database.query(`alter role ${name} connection limit -1`);
    expect((await world.call(listSessions, { token: alice.token })).status).toBe(200);
    expect((await world.call(refreshSession, { cookie: alice.cookie })).status).toBe(200);
  });

  test('a lock that is held too long: unavailable', async () => {
    const world = await start();
    const alice = await world.register();
    const pg = await import('pg');
    const url = new URL(database.url);
    const holder = new pg.default.Client(url.href);
    await holder.connect();
    try {
      await holder.query('begin; lock table auth.sessions in access exclusive mode');
      expect((await world.call(listSessions, { token: alice.token })).problem.code).toBe('unavailable');
      expect((await world.call(refreshSession, { cookie: alice.cookie })).problem.code).toBe('unavailable');
    } finally {
      await holder.end();
    }
    expect((await world.call(listSessions, { token: alice.token })).status).toBe(200);
  });

  test('the bus: a sign-out still counts, and is told when asked for', async () => {
    const world = await start();
    const { token, answer, person } = await world.register();
    world.broker.stop();
    expect((await world.call(endSession, { token, params: { id: answer.sessionId } })).status).toBe(204);
    expect((await world.call(listSessions, { token })).problem.code).toBe('session-ended');
    world.broker.resume();
    const { revocations } = await world.bus.request(subjects.listRevocations(), {});
    expect(revocations).toEqual([{ at: expect.any(Number), user: person.userId, session: answer.sessionId }]);
  });
});

test('logs name no token, key, name or address', async () => {
  const world = await start();
  const alice = await world.register();
  const { person, token, cookie } = alice;
  await world.call(createSession, {
    body: { username: person.username, slot: 'password', authKey: person.authKeys.recovery },
  });
  world.broker.stop();
  await world.call(endSession, { token, params: { id: alice.answer.sessionId } });
  world.broker.resume();
  await database.query('alter table auth.accounts rename to elsewhere');
  await world.call(createSession, {
    body: { username: person.username, slot: 'password', authKey: person.authKeys.password },
  });
  await database.query('alter table auth.elsewhere rename to accounts');
  const text = world.lines.join('\n');
  expect(text).toContain('an operation failed');
  for (const secret of [
    person.username,
    person.userId,
    person.authKeys.password,
    person.authKeys.recovery,
    token,
    cookie,
    '127.0.0.1',
    new URL(database.url).password,
    Buffer.from(config.pepper).toString('base64url'),
  ].filter((each) => each !== 'test')) {
    expect(text).not.toContain(secret);
  }
});
