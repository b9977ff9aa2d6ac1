import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deleteMessages, fetchMessages, syncMessages } from '@wisp/protocol';
import { newConversation, newPerson, type Person } from './messages.js';
import { startWorld, upload, type Replica, type World } from './world.js';

let world: World;
let replica: Replica;
beforeAll(async () => {
  world = await startWorld();
  replica = await world.startReplica();
});
afterAll(() => world.end());

async function call(
  method: string,
  path: string,
  { as, token, body }: { as?: Partial<Person>; token?: string; body?: unknown } = {},
) {
  const bearer = token ?? (as && world.tokens.issue(as));
  const response = await fetch(`http://127.0.0.1:${replica.http.port}${path}`, {
    method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

const wish = (conversation: string, after = 0) => ({ conversations: [{ conversation, after }] });

test('sync, fetch and delete, as the operations describe them', async () => {
  const { alice, bob, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1 }), upload(conversation, alice, { n: 2 })]);
  const first = await call('GET', '/api/messages/sync', { as: bob });
  expect(first.status).toBe(200);
  const synced = syncMessages.response.parse(first.json);
  expect(synced.conversations).toMatchObject([{ id: conversation, head: 3 }]);
  expect(synced.retention).toEqual({ messages: 365 * 86_400, commits: 90 * 86_400 });
  const since = encodeURIComponent(synced.since);
  expect((await call('GET', `/api/messages/sync?since=${since}`, { as: bob })).json.conversations).toEqual(
    [],
  );

  const fetched = await call('POST', '/api/messages/fetch', { as: bob, body: wish(conversation, 1) });
  expect(fetchMessages.response.parse(fetched.json).pages).toMatchObject([
    { status: 'ok', through: 3, entries: [{ seq: 2 }, { seq: 3 }] },
  ]);

  const path = `/api/messages/${conversation}/deletions`;
  const deleted = await call('POST', path, { as: alice, body: { seqs: [2, 99] } });
  expect(deleteMessages.response.parse(deleted.json)).toEqual({ deleted: [2] });
  expect(await world.cell.item('expired', conversation)).toMatchObject({ seqs: [2] });
  expect((await call('POST', path, { as: alice, body: { seqs: [2] } })).json).toEqual({ deleted: [] });
  expect((await call('POST', path, { as: bob, body: { seqs: [1] } })).json.code).toBe('forbidden');
});

describe('without a right to it', () => {
  const operations = (conversation: string): [string, string, unknown?][] => [
    ['GET', '/api/messages/sync'],
    ['POST', '/api/messages/fetch', wish(conversation)],
    ['POST', `/api/messages/${conversation}/deletions`, { seqs: [2] }],
  ];

  test('no token, a forged one, an old one, one without a device', async () => {
    const { alice, conversation } = await world.duo();
    const now = Math.floor(Date.now() / 1_000);
    const good = world.tokens.issue(alice);
    const cases: [string | undefined, number, string][] = [
      [undefined, 401, 'unauthorized'],
      ['x.y.z', 401, 'unauthorized'],
      [`${good.slice(0, -6)}AAAAAA`, 401, 'unauthorized'],
      [world.tokens.issue(alice, { iat: now - 1_000, exp: now - 100 }), 401, 'unauthorized'],
      [world.tokens.issue(alice, { aud: 'other' }), 401, 'unauthorized'],
      [world.tokens.issue({ user: alice.user }), 403, 'device-not-listed'],
    ];
    for (const [token, status, code] of cases) {
      for (const [method, path, body] of operations(conversation)) {
        const answer = await call(method, path, { ...(token === undefined ? {} : { token }), body });
        expect([method, path, answer.status, answer.json.code]).toEqual([method, path, status, code]);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
    }
  });

  test("a stranger learns nothing, not even whether it exists; another user's device id is a stranger's", async () => {
    const { alice, conversation } = await world.duo();
    await world.append([upload(conversation, alice, { n: 1 })]);
    for (const as of [newPerson(), { ...newPerson(), device: alice.device }]) {
      for (const place of [conversation, newConversation()]) {
        const fetched = await call('POST', '/api/messages/fetch', { as, body: wish(place) });
        expect(fetched.json.pages).toEqual([{ status: 'not-member', conversation: place }]);
        const deletion = await call('POST', `/api/messages/${place}/deletions`, { as, body: { seqs: [2] } });
        expect([deletion.status, deletion.json.code]).toEqual([403, 'forbidden']);
      }
      expect((await call('GET', '/api/messages/sync', { as })).json.conversations).toEqual([]);
    }
  });
});

test('malformed requests are named by their field, and the process lives', async () => {
  const { alice, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1 })]);
  const path = `/api/messages/${conversation}/deletions`;
  const cases: [string, string, unknown, number, string][] = [
    ['GET', '/api/messages/sync?since=%00', undefined, 400, 'malformed'],
    ['GET', `/api/messages/sync?since=${'1'.repeat(65)}`, undefined, 400, 'malformed'],
    ['GET', '/api/messages/sync?other=1', undefined, 400, 'malformed'],
    ['POST', '/api/messages/sync', undefined, 405, 'method-not-allowed'],
    ['POST', '/api/messages/fetch', undefined, 400, 'malformed'],
    ['POST', '/api/messages/fetch', '{', 400, 'malformed'],
    ['POST', '/api/messages/fetch', '[]', 400, 'malformed'],
    ['POST', '/api/messages/fetch', { conversations: [] }, 400, 'malformed'],
    ['POST', '/api/messages/fetch', wish('x'), 400, 'malformed'],
    ['POST', '/api/messages/fetch', wish(conversation, -1), 400, 'malformed'],
    ['POST', '/api/messages/fetch', wish(conversation, 2 ** 60), 400, 'malformed'],
    ['POST', '/api/messages/fetch', wish(conversation, 0.5), 400, 'malformed'],
    [
      'POST',
      '/api/messages/fetch',
      { conversations: Array.from({ length: 51 }, () => ({ conversation, after: 0 })) },
      400,
      'malformed',
    ],
    [
      'POST',
      '/api/messages/fetch',
      { conversations: [{ conversation, after: 0, limit: 201 }] },
      400,
      'malformed',
    ],
    ['POST', '/api/messages/fetch', `"${'x'.repeat(70_000)}"`, 413, 'too-large'],
    ['POST', path, { seqs: [] }, 400, 'malformed'],
    ['POST', path, { seqs: ['2'] }, 400, 'malformed'],
    ['POST', path, { seqs: Array.from({ length: 201 }, (_, index) => index) }, 400, 'malformed'],
    ['POST', path, { seqs: [2], force: true }, 400, 'malformed'],
    ['POST', '/api/messages/nobody/deletions', { seqs: [2] }, 400, 'malformed'],
    ['DELETE', path, undefined, 405, 'method-not-allowed'],
  ];
  for (const [method, at, body, status, code] of cases) {
    const answer = await call(method, at, { as: alice, body });
    expect([method, at, body, answer.status, answer.json.code]).toEqual([method, at, body, status, code]);
  }
  const rest = await call('POST', '/api/messages/fetch', { as: alice, body: wish(conversation) });
  expect(rest.json.pages[0].entries).toHaveLength(2);
});

test('the same conversation asked for twice in a fetch is answered twice', async () => {
  const { alice, conversation } = await world.duo();
  const body = { conversations: [0, 1].map((after) => ({ conversation, after })) };
  const { json } = await call('POST', '/api/messages/fetch', { as: alice, body });
  expect(json.pages).toMatchObject([{ entries: [{ seq: 1 }] }, { entries: [] }]);
});

test('too many requests of an account are told to wait, others are not', async () => {
  const { alice, bob, conversation } = await world.duo();
  const path = `/api/messages/${conversation}/deletions`;
  const answers = [];
  for (let round = 0; round < 301; round += 1)
    answers.push(await call('POST', path, { as: alice, body: { seqs: [9] } }));
  expect(answers.at(-2)?.status).toBe(200);
  expect(answers.at(-1)?.status).toBe(429);
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await call('POST', path, { as: bob, body: { seqs: [9] } })).status).toBe(200);
});

test('health, readiness and metrics', async () => {
  expect((await call('GET', '/healthz')).status).toBe(200);
  expect((await call('GET', '/readyz')).json).toEqual({ ready: true, missing: [] });
  const metrics = await (await fetch(`http://127.0.0.1:${replica.http.port}/metrics`)).text();
  for (const name of [
    'append_stage_seconds',
    'append_verdicts_total',
    'expired_entries_total',
    'log_timeline',
  ]) {
    expect(metrics).toContain(`wisp_${name}`);
  }
});
