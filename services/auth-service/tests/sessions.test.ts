import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createAccount,
  createSession,
  endSession,
  getVault,
  listSessions,
  refreshSession,
  subjects,
  type Revocation,
} from '@wisp/protocol';
import jwt from 'jsonwebtoken';
import { randomBytes, randomUUID } from 'node:crypto';
import { createPerson, registrationOf } from './person.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());

const age = (sessionId: string, by: string) =>
  world.database.query(
    `update auth.sessions set refreshed_at = refreshed_at - $2::interval where session_id = $1`,
    [sessionId, by],
  );

describe('signing in', () => {
  test('by the password and by the words', async () => {
    const { person } = await world.register();
    const byPassword = await world.signIn(person);
    expect(byPassword.answer).toMatchObject({
      userId: person.userId,
      username: person.username,
      deviceId: person.device.deviceId,
      realtimeUrl: '/socket.io',
    });
    const byWords = await world.signIn(person, { slot: 'recovery', authKey: person.authKeys.recovery });
    expect(byWords.answer.userId).toBe(person.userId);
  });

  test('the token names user, session, device and server, and lives 15 minutes', async () => {
    const { answer, person } = await world.register();
    const claims = jwt.decode(answer.token, { json: true });
    expect(claims).toMatchObject({
      sub: person.userId,
      sid: answer.sessionId,
      dev: person.device.deviceId,
      iss: world.serverId,
      aud: 'wisp',
    });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(900);
    expect(answer.expiresAt).toBe((claims?.exp ?? 0) * 1000);
  });

  test('the cookie is for the session endpoints alone and out of reach of scripts', async () => {
    const { setCookie } = await world.call(createAccount, {
      body: registrationOf(createPerson(world.serverId)),
    });
    expect(setCookie).toMatch(/; Path=\/api\/auth\/sessions;/);
    expect(setCookie).toMatch(/; HttpOnly/);
    expect(setCookie).toMatch(/; Secure/);
    expect(setCookie).toMatch(/; SameSite=Strict/);
  });

  test.each([
    ['a wrong key', () => ({ authKey: randomBytes(32).toString('base64url') })],
    ['the key of the other slot', () => ({ slot: 'recovery' })],
    ['a name that nobody has', () => ({ username: `nobody${randomBytes(4).toString('hex')}` })],
  ])('%s: wrong-credentials, and nothing that tells which', async (_, change) => {
    const { person } = await world.register();
    const refused = await world.call(createSession, {
      body: {
        username: person.username,
        slot: 'password',
        authKey: person.authKeys.password,
        deviceId: person.device.deviceId,
        ...change(),
      },
    });
    expect(refused.problem).toEqual({
      type: 'about:blank',
      title: "Username and password don't match.",
      status: 401,
      code: 'wrong-credentials',
    });
    expect(refused.cookie).toBeUndefined();
  });

  test("a device that isn't in the list gets no session", async () => {
    const { person } = await world.register();
    const stranger = await world.register();
    for (const deviceId of [randomUUID(), stranger.person.device.deviceId]) {
      const { username, authKeys } = person;
      const refused = await world.call(createSession, {
        body: { username, slot: 'password', authKey: authKeys.password, deviceId },
      });
      expect(refused.problem.code).toBe('device-not-listed');
    }
  });

  test('a session without a device reaches the vault and nothing that wants a device', async () => {
    const { person } = await world.register();
    const { token, answer } = await world.signIn(person, { deviceId: undefined });
    expect(answer.deviceId).toBeUndefined();
    expect((await world.call(getVault, { token })).status).toBe(200);
    const { putVault } = await import('@wisp/protocol');
    expect((await world.call(putVault, { token, body: { vault: 'AAAA' } })).problem.code).toBe(
      'device-not-listed',
    );
  });

  test('a device that signs in again has one session', async () => {
    const first = await world.register();
    const second = await world.signIn(first.person);
    const { value } = await world.call(listSessions, { token: second.token });
    expect(value.sessions.map(({ sessionId }) => sessionId)).toEqual([second.answer.sessionId]);
    expect((await world.call(listSessions, { token: first.token })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: first.cookie })).problem.code).toBe('session-ended');
  });

  test('sessions without a device are bounded', async () => {
    const { person, token } = await world.register();
    const opened = [];
    for (let i = 0; i < 10; i++) opened.push(await world.signIn(person, { deviceId: undefined }));
    const { value } = await world.call(listSessions, { token });
    const unbound = value.sessions.filter(({ deviceId }) => deviceId === undefined);
    expect(unbound.map(({ sessionId }) => sessionId)).toEqual(
      opened.slice(2).map(({ answer }) => answer.sessionId),
    );
  });
});

describe('refreshing', () => {
  test('rotates the cookie', async () => {
    const { cookie, answer } = await world.register();
    const refreshed = await world.call(refreshSession, { cookie });
    expect(refreshed.status).toBe(200);
    expect(refreshed.cookie).not.toBe(cookie);
    expect(refreshed.value.sessionId).toBe(answer.sessionId);
    expect((await world.call(refreshSession, { cookie: refreshed.cookie })).status).toBe(200);
  });

  test('in parallel: all get the same successor', async () => {
    const { cookie } = await world.register();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.call(refreshSession, { cookie })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map((answer) => answer.cookie)).size).toBe(1);
    expect(answers[0]?.cookie).not.toBe(cookie);
  });

  test('the previous one yields the same successor for 60 seconds', async () => {
    const { cookie, answer } = await world.register();
    const first = await world.call(refreshSession, { cookie });
    await age(answer.sessionId, '59 seconds');
    const again = await world.call(refreshSession, { cookie });
    expect(again.cookie).toBe(first.cookie);
  });

  test('after that its reuse ends the session, and says so on the bus', async () => {
    const { cookie, answer, token, person } = await world.register();
    const heard: Revocation[] = [];
    const subscription = world.bus.subscribe(subjects.sessionRevoked(), (event) => void heard.push(event));
    const next = await world.call(refreshSession, { cookie });
    await age(answer.sessionId, '61 seconds');
    expect((await world.call(refreshSession, { cookie })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: next.cookie })).problem.code).toBe('session-ended');
    expect((await world.call(listSessions, { token })).problem.code).toBe('session-ended');
    await subscription.drain();
    expect(heard).toEqual([{ at: expect.any(Number), user: person.userId, session: answer.sessionId }]);
  });

  test('the one before the previous ends the session at once', async () => {
    const { cookie } = await world.register();
    const second = await world.call(refreshSession, { cookie });
    const third = await world.call(refreshSession, { cookie: second.cookie });
    expect((await world.call(refreshSession, { cookie })).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie: third.cookie })).problem.code).toBe('session-ended');
  });

  test('a guess ends nothing', async () => {
    const { cookie, answer } = await world.register();
    const bytes = Buffer.from(cookie, 'base64url');
    const forged = Buffer.from(bytes);
    forged.writeUInt8(forged.readUInt8(20) ^ 1, 20);
    for (const guess of [forged.toString('base64url'), 'x', '', 'A'.repeat(4000), answer.sessionId]) {
      expect((await world.call(refreshSession, { cookie: guess })).problem.code).toBe('session-ended');
    }
    expect((await world.call(refreshSession)).problem.code).toBe('session-ended');
    expect((await world.call(refreshSession, { cookie })).status).toBe(200);
  });

  test('a session that nobody refreshed for long is over', async () => {
    const { cookie, answer } = await world.register();
    await world.database.query(
      `update auth.sessions set expires_at = clock_timestamp() where session_id = $1`,
      [answer.sessionId],
    );
    expect((await world.call(refreshSession, { cookie })).problem.code).toBe('session-ended');
  });

  test('the database holds neither cookie nor token', async () => {
    const { cookie } = await world.register();
    const secret = Buffer.from(cookie, 'base64url').subarray(16, 48).toString('hex');
    const rows = await world.database.query<{ line: string }>(`select s::text as line from auth.sessions s`);
    expect(rows.map(({ line }) => line).join()).not.toContain(secret);
  });
});

describe('ending', () => {
  test('signing out ends token and cookie, and clears it', async () => {
    const { token, cookie, answer } = await world.register();
    const ended = await world.call(endSession, { token, params: { id: answer.sessionId } });
    expect(ended.status).toBe(204);
    expect(ended.cookie).toBe('');
    expect((await world.call(refreshSession, { cookie })).problem.code).toBe('session-ended');
    expect((await world.call(endSession, { token, params: { id: answer.sessionId } })).problem.code).toBe(
      'session-ended',
    );
  });

  test("another's session isn't there", async () => {
    const alice = await world.register();
    const bob = await world.register();
    const params = { id: alice.answer.sessionId };
    expect((await world.call(endSession, { token: bob.token, params })).problem.code).toBe('not-found');
    expect((await world.call(listSessions, { token: alice.token })).status).toBe(200);
  });

  test('what ended in the last quarter of an hour can be asked for', async () => {
    const { token, answer, person } = await world.register();
    await world.call(endSession, { token, params: { id: answer.sessionId } });
    const ask = async () => {
      const { revocations } = await world.bus.request(subjects.listRevocations(), {});
      return revocations.filter(({ user }) => user === person.userId);
    };
    expect(await ask()).toEqual([{ at: expect.any(Number), user: person.userId, session: answer.sessionId }]);
    await world.database.query(
      `update auth.revocations set revoked_at = revoked_at - interval '17 minutes' where session_id = $1`,
      [answer.sessionId],
    );
    expect(await ask()).toEqual([]);
  });

  test('a token of another server, another key or no algorithm is none', async () => {
    const { answer, token } = await world.register();
    const claims = jwt.decode(token, { json: true }) ?? {};
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const header = jwt.decode(token, { complete: true })?.header;
    const forged = jwt.sign(claims, privateKey, { algorithm: 'ES256', keyid: header?.kid ?? '' });
    const none = jwt.sign(claims, '', { algorithm: 'none' });
    for (const bad of [forged, none, `${token}x`, 'x', answer.sessionId]) {
      expect((await world.call(listSessions, { token: bad })).problem.code).toBe('unauthorized');
    }
    expect((await world.call(listSessions)).problem.code).toBe('unauthorized');
  });
});
