import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BusError } from '@wisp/bus';
import { httpOperation, problem, type Problem } from '@wisp/protocol';
import {
  createApi,
  createApp,
  createHealthRoutes,
  createLimits,
  createLogger,
  createMetrics,
  createReadiness,
  createTokenVerifier,
  listen,
  refuse,
  route,
  type HttpServer,
} from '@wisp/service-kit';
import { connect } from 'node:net';
import { z } from 'zod';
import { ALICE, BOB, DEVICE, SERVER, claimsAt, makeSigningKey, sign } from './token-mint.js';

const echo = httpOperation({
  name: 'echo',
  summary: 'Says it again.',
  method: 'POST',
  path: '/api/test/echo/:times',
  auth: 'none',
  params: z.strictObject({ times: z.string().regex(/^\d$/) }),
  query: z.strictObject({ loud: z.enum(['yes', 'no']).optional() }),
  body: z.strictObject({ text: z.string(), inner: z.strictObject({ deep: z.int() }).optional() }),
  bodyBytes: 1_024,
  status: 201,
  response: z.object({ text: z.string() }),
  problems: ['not-found'],
});
const whoAmI = httpOperation({
  name: 'whoAmI',
  summary: 'Who calls.',
  method: 'GET',
  path: '/api/test/me',
  auth: 'account',
  status: 200,
  response: z.object({ user: z.string(), device: z.string().optional() }),
  problems: [],
});
const forDevices = httpOperation({ ...whoAmI, name: 'forDevices', path: '/api/test/device', auth: 'device' });
const remove = httpOperation({
  name: 'remove',
  summary: 'Removes it.',
  method: 'DELETE',
  path: '/api/test/me',
  auth: 'none',
  status: 204,
  problems: [],
});
const generic = httpOperation({ ...remove, name: 'generic', method: 'GET', path: '/api/test/:id' });

const key = makeSigningKey('one');
const lines: string[] = [];
const handled: string[] = [];
let revoked = false;
let failure: Error | undefined;
let http: HttpServer;
let base: string;
const readiness = createReadiness();

beforeAll(async () => {
  const logger = createLogger({ service: 'test', level: 'info', write: (line) => lines.push(line) });
  const metrics = createMetrics({ service: 'test', include: 'process' });
  const verifier = createTokenVerifier({
    issuer: SERVER,
    keys: () => Promise.resolve({ keys: [key.jwk] }),
    revocations: { isRevoked: () => revoked },
  });
  const api = createApi({ verifier, logger, metrics }, [
    route(generic, () => {
      handled.push('generic');
      return undefined;
    }),
    route(echo, ({ params, query, body }) => {
      handled.push(body.text);
      if (failure !== undefined) throw failure;
      if (body.text === 'nobody') return refuse('not-found');
      if (body.text === 'slow down') return refuse('rate-limited', { retryAfter: 1.2 });
      const text = query.loud === 'yes' ? body.text.toUpperCase() : body.text;
      const answer = { text: text.repeat(Number(params.times)), passwordHash: 'swordfish' };
      return answer;
    }),
    route(whoAmI, ({ caller }) => ({
      user: caller.user,
      ...(caller.device !== undefined && { device: caller.device }),
    })),
    route(forDevices, ({ caller: { user, device } }) => ({ user, device })),
    route(remove, () => undefined),
  ]);
  const app = createApp({
    logger,
    handlers: [createHealthRoutes({ readiness, metrics }), api],
    connectOrigins: ['wss://live.example'],
  });
  http = await listen(app, { port: 0 });
  base = `http://127.0.0.1:${http.port}`;
});
afterAll(() => http.close());

const json = (body: unknown, more: RequestInit = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});

async function problemOf(path: string, init?: RequestInit): Promise<Problem> {
  const answer = await fetch(base + path, init);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const parsed = problem.parse(await answer.json());
  expect(parsed.status).toBe(answer.status);
  return parsed;
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

test('an account may call so often, whatever it calls, and others as well', async () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const verifier = createTokenVerifier({
    issuer: SERVER,
    keys: () => Promise.resolve({ keys: [key.jwk] }),
    revocations: { isRevoked: () => false },
  });
  const perAccount = createLimits().limit({ name: 'calls', points: 3, windowSeconds: 60 });
  const metrics = createMetrics({ service: 'test' });
  const api = createApi({ verifier, logger, metrics, perAccount }, [
    route(whoAmI, ({ caller }) => ({ user: caller.user })),
    route(remove, () => undefined),
  ]);
  const bounded = await listen(createApp({ logger, handlers: [api] }), { port: 0 });
  const call = async (user: string, method = 'GET') => {
    const token = sign(key, { ...claimsAt(Date.now()), sub: user });
    const url = `http://127.0.0.1:${bounded.port}/api/test/me`;
    return fetch(url, { method, ...bearer(token) });
  };
  try {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await call(ALICE)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await call(ALICE)).headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await call(BOB)).status).toBe(200);
    // What needs no account is counted by address, where it has to be.
    expect((await call(ALICE, 'DELETE')).status).toBe(204);
  } finally {
    await bounded.close();
  }
});

describe('an operation', () => {
  test('gets its checked inputs and answers what its schema knows, nothing else', async () => {
    const answer = await fetch(`${base}/api/test/echo/2?loud=yes`, json({ text: 'hi' }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ text: 'HIHI' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('may answer with a problem', async () => {
    expect(await problemOf('/api/test/echo/1', json({ text: 'nobody' }))).toMatchObject({
      status: 404,
      code: 'not-found',
    });
    const limited = await fetch(`${base}/api/test/echo/1`, json({ text: 'slow down' }));
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('2');
  });

  test('may answer nothing; a longer name goes before a parameter', async () => {
    handled.length = 0;
    const answer = await fetch(`${base}/api/test/me`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect((await fetch(`${base}/api/test/other`)).status).toBe(204);
    expect(handled).toEqual(['generic']);
  });

  test.each<[string, string, RequestInit, Partial<Problem>]>([
    ['a wrong path', '/api/test/echo/x', json({ text: 'hi' }), { status: 400, field: 'times' }],
    ['a wrong query', '/api/test/echo/1?loud=so', json({ text: 'hi' }), { status: 400, field: 'loud' }],
    ['an unknown query', '/api/test/echo/1?x=1', json({ text: 'hi' }), { status: 400, field: 'x' }],
    ['a doubled query', '/api/test/echo/1?loud=no&loud=no', json({ text: 'hi' }), { field: 'loud' }],
    ['a query where none belongs', '/api/test/abc?x=1', {}, { status: 400, field: 'x' }],
    ['a wrong field', '/api/test/echo/1', json({ text: 1 }), { status: 400, field: 'text' }],
    ['a missing field', '/api/test/echo/1', json({}), { status: 400, field: 'text' }],
    ['a deep field', '/api/test/echo/1', json({ text: 'a', inner: { deep: 'x' } }), { field: 'inner.deep' }],
    ['an unknown field', '/api/test/echo/1', json({ text: 'a', more: 1 }), { status: 400, field: 'more' }],
    [
      'a deep unknown field',
      '/api/test/echo/1',
      json({ text: 'a', inner: { deep: 1, b: 2 } }),
      { field: 'inner.b' },
    ],
    ['a prototype', '/api/test/echo/1', json('{"text":"a","__proto__":{"x":1}}'), { status: 400 }],
    ['no JSON', '/api/test/echo/1', json('{"text"'), { status: 400, field: 'body' }],
    ['a bare value', '/api/test/echo/1', json('"hi"'), { status: 400, field: 'body' }],
    ['an array', '/api/test/echo/1', json('[]'), { status: 400, field: 'body' }],
    ['no body', '/api/test/echo/1', { method: 'POST' }, { status: 400, field: 'body' }],
    ['an empty body', '/api/test/echo/1', json(''), { status: 400, field: 'text' }],
    ['too much', '/api/test/echo/1', json({ text: 'x'.repeat(2_000) }), { status: 413, code: 'too-large' }],
    [
      'another type',
      '/api/test/echo/1',
      json('text=hi', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      { status: 415, code: 'unsupported-media-type' },
    ],
    [
      'a compressed body',
      '/api/test/echo/1',
      json({ text: 'hi' }, { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }),
      { status: 415 },
    ],
    [
      'a body where none belongs',
      '/api/test/me',
      json({}, { method: 'DELETE' }),
      { status: 400, field: 'body' },
    ],
    ['another method', '/api/test/echo/1', { method: 'PUT' }, { status: 405, code: 'method-not-allowed' }],
    ['an unknown path', '/api/none', {}, { status: 404, code: 'not-found' }],
    ['another case', '/API/test/me', {}, { status: 404 }],
    ['a broken escape', '/api/test/%E0%A4%A', {}, { status: 400, field: 'path' }],
  ])('refuses %s', async (_name, path, ...[init, expected]) => {
    handled.length = 0;
    expect(await problemOf(path, init)).toMatchObject(expected);
    expect(handled).toEqual([]);
  });

  test('names the methods that it has', async () => {
    const answer = await fetch(`${base}/api/test/me`, { method: 'PATCH' });
    expect(answer.headers.get('allow')).toBe('GET, DELETE');
  });

  test.each<[string, Error, Partial<Problem>]>([
    ['a bug', new Error('secret swordfish'), { status: 500, code: 'internal' }],
    [
      'a part away',
      new BusError('no-responders', 'v1.x'),
      { status: 503, code: 'unavailable', retryAfter: 1 },
    ],
    ['a bus misused', new BusError('bad-request', 'v1.x'), { status: 500 }],
    ['a database away', Object.assign(new Error('swordfish'), { code: '57P01' }), { status: 503 }],
  ])('tells nothing of %s', async (_name, thrown, expected) => {
    lines.length = 0;
    failure = thrown;
    const answer = await fetch(`${base}/api/test/echo/1`, json({ text: 'hi' }));
    failure = undefined;
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject(expected);
    expect(text).not.toMatch(/swordfish|\.ts|at /);
    expect(lines).toHaveLength(1);
    expect(lines.join('')).not.toContain('swordfish');
  });
});

describe('callers', () => {
  test('are known by their token', async () => {
    const answer = await fetch(`${base}/api/test/device`, bearer(sign(key, claimsAt(Date.now()))));
    expect(await answer.json()).toEqual({ user: ALICE, device: DEVICE });
  });

  test('without a device reach what is for accounts only', async () => {
    const token = sign(key, claimsAt(Date.now(), { dev: undefined }));
    expect(await (await fetch(`${base}/api/test/me`, bearer(token))).json()).toEqual({ user: ALICE });
    expect(await problemOf('/api/test/device', bearer(token))).toMatchObject({
      status: 403,
      code: 'device-not-listed',
    });
  });

  test('without a good token are refused', async () => {
    for (const init of [{}, bearer('x'), { headers: { authorization: 'Basic x' } }, bearer('a b')]) {
      expect(await problemOf('/api/test/me', init)).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    expect((await fetch(`${base}/api/test/me`)).headers.get('www-authenticate')).toBe('Bearer');
  });

  test('whose session has ended are told so', async () => {
    revoked = true;
    const refused = await problemOf('/api/test/me', bearer(sign(key, claimsAt(Date.now()))));
    revoked = false;
    expect(refused).toMatchObject({ status: 401, code: 'session-ended' });
  });
});

describe('every answer', () => {
  test.each(['/api/test/other', '/api/none', '/healthz'])('of %s has the security headers', async (path) => {
    const { headers } = await fetch(base + path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).toContain("connect-src 'self' wss://live.example");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('probes', () => {
  test('tell health, readiness and metrics', async () => {
    let holds = false;
    readiness.require('database', () => holds);
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ status: 'alive' });
    const unready = await fetch(`${base}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({ ready: false, missing: ['database'] });
    holds = true;
    expect((await fetch(`${base}/readyz`)).status).toBe(200);

    await (await fetch(`${base}/api/test/echo/1`, json({ text: 'nobody' }))).text();
    const metrics = await (await fetch(`${base}/metrics`)).text();
    const series = metrics.split('\n').map((line) => line.split(' ')[0]);
    expect(series).toContain('wisp_http_problems_total{operation="echo",code="not-found",service="test"}');
    expect(series).toContain('wisp_http_request_seconds_count{service="test",operation="echo",status="201"}');
    expect(series).toContain('process_cpu_seconds_total{service="test"}');

    readiness.drain();
    expect(await (await fetch(`${base}/readyz`)).json()).toEqual({ ready: false, missing: ['draining'] });
  });
});

test('closing lets a request finish and cuts who only waits', async () => {
  let release: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    release = resolve;
  });
  const app = createApp({
    logger: createLogger({ service: 'test', level: 'silent' }),
    handlers: [
      (_request, response) => {
        release();
        setImmediate(() => setImmediate(() => response.json({ done: true })));
      },
    ],
  });
  const server = await listen(app, { port: 0 });
  const idle = connect(server.port, '127.0.0.1');
  const cut = new Promise((resolve) => idle.once('close', resolve));
  const answer = fetch(`http://127.0.0.1:${server.port}/`);
  await begun;
  const closed = server.close(50);
  expect(await (await answer).json()).toEqual({ done: true });
  await closed;
  await cut;
});
