import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAccount, getParameters, httpOperations, type HttpOperation } from '@wisp/protocol';
import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { openWorld, type World } from '../src/index.js';
import { expectDocumented, expectProblem } from './bad-input/answers.js';
import { call, type RawRequest } from './bad-input/call.js';
import { gatherCast, type Cast } from './bad-input/cast.js';
import { forgedTokens } from './bad-input/forged-tokens.js';
import { malformedValues } from './bad-input/malformed-values.js';
import { mutateSomewhere } from './bad-input/mutate-somewhere.js';
import { callOf, sayable, senseless } from './bad-input/operation-call.js';
import { openStored, type Stored } from './bad-input/stored.js';

let world: World;
let cast: Cast;
let stored: Stored;
let before: Record<string, string>;

beforeAll(async () => {
  world = await openWorld();
  cast = await gatherCast(world);
  stored = await openStored(world.databaseUrl);
});
afterAll(async () => {
  await stored.close();
  await world.close();
});
beforeEach(async () => {
  before = await stored.look();
});
afterEach(async () => {
  await expectAlive();
});

const send = (request: RawRequest) => call(world.url, request);

async function expectAlive(): Promise<void> {
  const healthy = callOf(getParameters, { query: { username: 'alice' } });
  expect((await send(healthy)).status).toBe(200);
}

const named = httpOperations.map((operation): [string, HttpOperation] => [operation.name, operation]);

describe.each(named)('%s', (_, operation) => {
  const wantsToken = operation.auth === 'account' || operation.auth === 'device';
  const inputs = senseless(operation);

  test('malformed', async () => {
    const { token } = cast.mallory;
    for (const place of ['params', 'query', 'body'] as const) {
      const schema = operation[place];
      if (schema === undefined) continue;
      const cases = malformedValues(schema, inputs[place]);
      let sent = 0;
      for (const { what, value } of cases) {
        const said = place === 'body' ? value : sayable(operation, place, value);
        if (place !== 'body' && said === null) continue;
        sent += 1;
        const answer = await send({ ...callOf(operation, { ...inputs, [place]: said }), token });
        expectProblem(answer, ['malformed'], `${place} ${what}`);
        expect([what, answer.problem?.field]).toEqual([what, expect.stringMatching(/./)]);
      }
      expect(sent).toBeGreaterThan(0);
    }
    expect(await stored.look()).toEqual(before);
  });

  test('surplus query, body that is none, body where none belongs', async () => {
    const { token } = cast.mallory;
    const right = { ...callOf(operation, inputs), token };
    const surplus = `${right.path}${right.path.includes('?') ? '&' : '?'}surplus=1`;
    expectProblem(await send({ ...right, path: surplus }), ['malformed'], 'surplus query');
    if (operation.body === undefined) {
      const headers = { 'content-type': 'application/json' };
      expectProblem(await send({ ...right, body: '{}', headers }), ['malformed'], 'a body');
      expectProblem(await send({ ...right, body: '{}', headers, chunked: true }), ['malformed'], 'chunks');
    } else {
      const { body: wellFormed, ...bare } = right;
      expectProblem(await send(bare), ['malformed'], 'no body');
      const texts = ['{', 'null', '[]', '""', '0', '{}{}', '{"a":1e999}', '\u0000', `${'['.repeat(20_000)}`];
      for (const text of texts) {
        expectProblem(await send({ ...bare, body: text }), ['malformed'], text.slice(0, 20));
      }
      const deep = `{"surplus":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
      expectProblem(await send({ ...bare, body: deep }), ['malformed'], 'deep JSON');
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '/']) {
        const request = { ...bare, body: wellFormed, headers: { 'content-type': type } };
        expectProblem(await send(request), ['unsupported-media-type'], type);
      }
      const foreign = { 'content-type': 'application/json; charset=utf-16' };
      const decoded = await send({ ...bare, body: wellFormed, headers: foreign });
      expectProblem(decoded, ['unsupported-media-type', 'malformed'], 'UTF-16');
      for (const encoding of ['gzip', 'br', 'nonsense']) {
        const request = { ...bare, body: wellFormed, headers: { 'content-encoding': encoding } };
        const codes = ['unsupported-media-type'] as const;
        expectProblem(await send({ ...request, headers: { ...json, ...request.headers } }), codes, encoding);
      }
    }
    expect(await stored.look()).toEqual(before);
  });

  test('oversized', async () => {
    if (operation.body === undefined) return expectTooLongLine(operation);
    const { token } = cast.mallory;
    const limit = operation.bodyBytes ?? 64 * 1024;
    const body = JSON.stringify({ surplus: 'x'.repeat(limit) });
    const { path, method } = callOf(operation, inputs);
    for (const chunked of [false, true]) {
      expectProblem(await send({ path, method, token, body, chunked, headers: json }), ['too-large'], 'body');
    }
    expect(await stored.look()).toEqual(before);
  });

  test('unauthorised', async () => {
    const right = callOf(operation, inputs);
    const { token } = cast.mallory;
    if (!wantsToken) return expectTokensIgnored(operation, right);
    const wrong: [string, Record<string, string>][] = [
      ['no token', {}],
      ['an empty one', { authorization: '' }],
      ['Bearer alone', { authorization: 'Bearer ' }],
      ['Basic', { authorization: 'Basic YWxpY2U6eA==' }],
      ['two', { authorization: `Bearer ${token}, Bearer ${token}` }],
      ['as a cookie', { cookie: `token=${token}; ${cast.mallory.cookie}` }],
      ...forgedTokens(token).map(([what, text]): [string, Record<string, string>] => [
        what,
        { authorization: `Bearer ${text}` },
      ]),
    ];
    for (const [what, headers] of wrong) {
      const answer = await send({ ...right, headers: { ...contentTypeOf(right), ...headers } });
      expectProblem(answer, ['unauthorized'], what);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    expect(await stored.look()).toEqual(before);

    if (operation.auth === 'device') {
      expectProblem(await send({ ...right, token: cast.withoutDevice }), ['device-not-listed'], 'no device');
    }
    expectProblem(await send({ ...right, token: cast.ended }), ['session-ended'], 'an ended session');
    expect(await stored.look()).toEqual(before);
  });

  test('senseless, repeated, at once', async () => {
    const right = { ...callOf(operation, inputs), token: cast.mallory.token };
    const headers = { ...contentTypeOf(right), 'if-match': '"nonsense"' };
    const first = await send({ ...right, headers });
    expectDocumented(operation, first, 'first');
    const once = await stored.look();
    if (first.problem !== null) expect(once).toEqual(before);
    const repeated = await Promise.all([1, 2, 3].map(() => send({ ...right, headers })));
    for (const answer of repeated) expectDocumented(operation, answer, 'repeated');
    expect(await stored.look()).toEqual(once);
  });

  test("by a stranger, of other people's things", async () => {
    if (operation.params === undefined) return expectAlive();
    const { alice, mallory, conversation } = cast;
    const known = [conversation, alice.session.userId, alice.session.sessionId, alice.session.username];
    const names = Object.keys(operation.params.shape);
    let sent = 0;
    for (const id of known) {
      const params = Object.fromEntries(names.map((name) => [name, id]));
      if (!operation.params.safeParse(params).success) continue;
      sent += 1;
      const request = { ...callOf(operation, { ...inputs, params }), token: mallory.token };
      const answer = await send(request);
      expectDocumented(operation, answer, id);
      const unknown = await send({ ...callOf(operation, inputs), token: mallory.token });
      // Whether a conversation or a session of somebody else exists, nobody learns.
      if (id !== alice.session.userId && id !== alice.session.username) {
        expect(answer.text.replaceAll(id, '')).toBe(unknown.text.replaceAll(id, ''));
      }
    }
    expect(sent).toBeGreaterThan(0);
    if (operation.name !== 'claimKeyPackages') expect(await stored.look()).toEqual(before);
  });

  test('another method, another spelling of the path', async () => {
    const { token } = cast.mallory;
    const { path, method } = callOf(operation, inputs);
    const [bare = ''] = path.split('?');
    for (const other of ['PATCH', 'OPTIONS', 'PROPFIND']) {
      const answer = await send({ method: other, path: bare, token });
      expectProblem(answer, ['method-not-allowed'], other);
      expect(answer.headers.allow).toContain(operation.method);
    }
    for (const wrong of [`${bare}/`, bare.toUpperCase(), `/${bare}`, `${bare}/surplus`]) {
      const answer = await send({ method, path: wrong, token });
      // It may be another operation's path.
      expectProblem(answer, ['not-found', 'malformed', 'method-not-allowed'], wrong);
    }
    for (const garbage of ['%', '%zz', '%c0%af', '%ff', '%ed%a0%80']) {
      expectProblem(
        await send({ method, path: `${bare}${garbage}`, token }),
        ['malformed', 'not-found'],
        garbage,
      );
    }
    expect(await stored.look()).toEqual(before);
  });
});

const json = { 'content-type': 'application/json' };
const contentTypeOf = ({ body }: { body?: unknown }): Record<string, string> =>
  body === undefined ? {} : json;

/** Node itself refuses request lines beyond 16 KiB; shorter ones are the schemas'. */
async function expectTooLongLine(operation: HttpOperation): Promise<void> {
  const { path, method } = callOf(operation, senseless(operation));
  const answer = await send({ method, path: `${path}?x=${'x'.repeat(40_000)}` });
  expect(answer.status).toBe(431);
}

/** An operation that wants no token minds none. */
async function expectTokensIgnored(operation: HttpOperation, right: RawRequest): Promise<void> {
  for (const [what, token] of forgedTokens(cast.mallory.token).slice(0, 4)) {
    const cookie = `wisp_refresh=${token.slice(0, 100)}`;
    const answer = await send({ ...right, token, headers: { ...contentTypeOf(right), cookie } });
    expectDocumented(operation, answer, what);
    if (operation.auth === 'cookie') expectProblem(answer, ['session-ended'], what);
  }
}

test('real requests, repeated and in the reverse order', async () => {
  for (const actor of [cast.alice, cast.bob]) {
    const recorded = actor.recorded.filter(({ operation }) => operation !== createAccount);
    for (const { operation, path, body } of [...recorded, ...recorded.toReversed()]) {
      const request = { method: operation.method, path, token: actor.token, body };
      const answer = await send(request);
      expectDocumented(operation, answer, operation.name);
      expect([operation.name, answer.problem?.code]).not.toEqual([operation.name, 'session-ended']);
    }
  }
  expect(await stored.look()).toEqual(before);
});

// It ends the device's last session, and failed ones are counted: after the real requests, before the random ones.
test('a registration that is repeated is a sign-in of the same device', async () => {
  const { registration, session } = cast.bob;
  const answer = await send(callOf(createAccount, { body: registration }));
  expect(createAccount.response.parse(JSON.parse(answer.text))).toMatchObject({
    userId: session.userId,
    deviceId: session.deviceId,
  });
  const { 'auth.sessions': _, 'auth.revocations': __, ...rest } = await stored.look();
  expect(before).toMatchObject(rest);

  const others = { ...registration.authKeys, password: 'A'.repeat(43) };
  const taken = await send(callOf(createAccount, { body: { ...registration, authKeys: others } }));
  expectProblem(taken, ['username-taken'], 'by other keys');
});

test("real requests by somebody else's token, and by none", async () => {
  for (const { operation, path, body } of [...cast.alice.recorded, ...cast.bob.recorded]) {
    if (operation.method === 'GET') continue;
    const last = await stored.look();
    const request = { method: operation.method, path, body };
    const bare = await send(request);
    if (bare.problem !== null) expect(await stored.look()).toEqual(last);
    const answer = await send({ ...request, token: cast.mallory.token });
    expectDocumented(operation, answer, operation.name);
    if (answer.problem !== null) expect(await stored.look()).toEqual(last);
  }
});

test('real requests with something in them turned at random', async () => {
  const seed = randomInt(2 ** 31);
  const all = [...cast.alice.recorded, ...cast.bob.recorded].filter(({ body }) => body !== undefined);
  const chosen = [...new Map(all.map((one) => [one.operation.name, one])).values()];
  expect(chosen.length).toBeGreaterThanOrEqual(4);
  let last = await stored.look();
  const property = fc.asyncProperty(
    fc.constantFrom(...chosen),
    fc.gen(),
    async ({ operation, path, body }, gen) => {
      const request = { method: operation.method, path, body: mutateSomewhere(body, gen) };
      const answer = await send({ ...request, token: cast.mallory.token });
      expectDocumented(operation, answer, operation.name);
      const now = await stored.look();
      if (answer.problem !== null) expect(now).toEqual(last);
      last = now;
    },
  );
  // fast-check prints the seed and the shortest counterexample.
  await fc.assert(property, { seed, numRuns: 150, endOnFailure: true });
});

test('paths and methods that nobody offers', async () => {
  const paths = [
    '/api',
    '/api/',
    '/api/auth',
    '/api/nothing',
    '/nothing',
    '//',
    '/api/auth/../../etc/passwd',
    '/%2e%2e/x',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE', 'TRACE']) {
      expectProblem(await send({ method, path }), ['not-found'], `${method} ${path}`);
    }
  }
  for (const path of ['/%', '/api/%zz', '/api/conversations/%00', '/api/auth/usernames/%c0%ae']) {
    const answer = await send({ method: 'GET', path, token: cast.mallory.token });
    expectProblem(answer, ['malformed', 'not-found'], path);
  }
  expect(await stored.look()).toEqual(before);
});
