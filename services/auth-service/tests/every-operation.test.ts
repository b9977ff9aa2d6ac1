import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getJwks, httpOperations, type HttpOperation } from '@wisp/protocol';
import { randomUUID } from 'node:crypto';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
let alice: SignedIn;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.register();
});
afterAll(() => world.stop());

const operations = httpOperations.filter(({ path }) => path.startsWith('/api/auth/'));
const names = operations.map((operation): [string, HttpOperation] => [operation.name, operation]);

const pathOf = ({ path }: HttpOperation) =>
  path
    .replace('/users/:id', `/users/${alice.person.userId}`)
    .replace(':id', alice.answer.sessionId)
    .replace(':username', alice.person.username);

async function send(operation: HttpOperation, init: RequestInit & { search?: string } = {}) {
  const { search = '', ...rest } = init;
  const response = await fetch(`${world.url}${pathOf(operation)}${search}`, {
    method: operation.method,
    ...rest,
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const json = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, type, code: json?.['code'], field: json?.['field'] };
}

const stored = async () => {
  const tables = [
    'accounts',
    'vaults',
    'device_lists',
    'devices',
    'sessions',
    'revocations',
    'key_packages',
    'claims',
  ];
  const counts = await Promise.all(
    tables.map((table) =>
      world.database.query<{ n: number }>(`select count(*)::int as n from auth.${table}`),
    ),
  );
  return counts.map(([row]) => row?.n);
};

const bearer = () => ({ authorization: `Bearer ${alice.token}` });
const json = { 'content-type': 'application/json' };

describe.each(names)('%s', (_, operation) => {
  const needsToken = operation.auth === 'account' || operation.auth === 'device';

  test('without, or with a broken, token', async () => {
    const before = await stored();
    const body = operation.body ? { body: '{}' } : {};
    for (const authorization of ['', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${'x'.repeat(5_000)}`]) {
      const answer = await send(operation, { ...body, headers: { ...json, authorization } });
      if (needsToken) expect([answer.status, answer.code]).toEqual([401, 'unauthorized']);
      else expect(answer.code).not.toBe('internal');
    }
    expect(await stored()).toEqual(before);
  });

  test('malformed bodies', async () => {
    const before = await stored();
    const headers = { ...json, ...bearer() };
    const bodies = [
      '{',
      'null',
      '[]',
      '"x"',
      '1',
      '{}',
      '{"__proto__":{"a":1}}',
      '{"body":"\\ud800"}',
      '\u0000',
      '['.repeat(20_000),
    ];
    if (operation.body) {
      for (const body of bodies) {
        const answer = await send(operation, { body, headers });
        expect([body.slice(0, 20), answer.status, answer.code]).toEqual([
          body.slice(0, 20),
          400,
          'malformed',
        ]);
        expect(answer.type).toMatch(/^application\/problem\+json/);
      }
      const text = await send(operation, {
        body: '{}',
        headers: { ...bearer(), 'content-type': 'text/plain' },
      });
      expect([text.status, text.code]).toEqual([415, 'unsupported-media-type']);
      const huge = await send(operation, {
        body: JSON.stringify({ x: 'x'.repeat(operation.bodyBytes ?? 65_536) }),
        headers,
      });
      expect([huge.status, huge.code]).toEqual([413, 'too-large']);
      const zipped = await send(operation, {
        body: 'x',
        headers: { ...headers, 'content-encoding': 'gzip' },
      });
      expect(zipped.code).toBe('unsupported-media-type');
    } else if (operation.method !== 'GET') {
      const answer = await send(operation, { body: '{}', headers });
      expect([answer.status, answer.code, answer.field]).toEqual([400, 'malformed', 'body']);
    }
    expect(await stored()).toEqual(before);
  });

  test('unknown parameters', async () => {
    const answer = await send(operation, {
      search: '?surplus=1',
      headers: { ...json, ...bearer() },
      ...(operation.body && { body: '{}' }),
    });
    expect([answer.status, answer.code]).toEqual([400, 'malformed']);
  });

  test('another method', async () => {
    const response = await fetch(`${world.url}${pathOf(operation)}`, { method: 'PATCH', headers: bearer() });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain(operation.method);
  });
});

test("ids in paths that are none, or nobody's", async () => {
  const paths: [string, string, number][] = [
    ['GET', '/api/auth/usernames/%00', 400],
    ['GET', '/api/auth/usernames/%zz', 400],
    ['GET', '/api/auth/usernames/a%2Fb', 400],
    ['GET', `/api/auth/usernames/${'a'.repeat(33)}`, 400],
    ['DELETE', '/api/auth/sessions/x', 400],
    ['DELETE', `/api/auth/sessions/${randomUUID()}`, 404],
    ['GET', `/api/auth/users/${'A'.repeat(43)}/device-lists`, 404],
    ['GET', `/api/auth/users/${'A'.repeat(42)}B/device-lists`, 400],
    ['GET', `/api/auth/users/${'A'.repeat(43)}/device-lists?after=99999999999999999999`, 400],
    ['GET', '/api/auth/nothing', 404],
  ];
  for (const [method, path, status] of paths) {
    const response = await fetch(world.url + path, { method, headers: bearer() });
    expect([path, response.status]).toEqual([path, status]);
  }
});

test('and after all of that the process lives, and found no bug', async () => {
  expect((await world.call(getJwks)).status).toBe(200);
  expect(world.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
