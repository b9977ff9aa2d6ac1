import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  checkUsername,
  countKeyPackages,
  endSession,
  getDeviceLists,
  makeProblem,
  putVault,
  type ProblemCode,
  type SessionAnswer,
} from '@wisp/protocol';
import { accessTokens, type AccessTokens, type SessionEvent } from '../src/transport/access-tokens.js';
import { cookieJar } from '../src/transport/cookie-jar.js';
import { httpClient } from '../src/transport/http-client.js';
import type { Line } from '../src/transport/send-request.js';
import type { HttpClient } from '../src/transport/transport.js';
import { handClock, type HandClock } from './hand-clock.js';
import { sessionAnswerOf } from './session-answer.js';

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void;

let server: Server;
let handle: Handler;
let requests: string[];
let clock: HandClock;
let line: Line;
let tokens: AccessTokens;
let client: HttpClient;
let savedJar: string[];

beforeEach(async () => {
  requests = [];
  savedJar = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () =>
      handle(Object.assign(request, { text: Buffer.concat(parts).toString() }), response),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  clock = handClock();
  line = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetch,
    clock,
    cookies: cookieJar(null, async (text) => void savedJar.push(text)),
  };
  tokens = accessTokens(line, clock);
  client = httpClient(line, tokens);
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
function refuse(response: ServerResponse, code: ProblemCode): void {
  const problem = makeProblem(code);
  json(response, problem.status, problem);
}
const ada = { username: 'ada' as SessionAnswer['username'] };

describe('a call', () => {
  test('goes out as the operation says and answers by its schema', async () => {
    handle = (request, response) => {
      expect(request.headers['authorization']).toBeUndefined();
      json(response, 200, { free: true, more: 1 });
    };
    expect(await client.call(checkUsername, { params: ada })).toEqual({ kind: 'ok', value: { free: true } });
    expect(requests).toEqual(['GET /api/auth/usernames/ada']);
  });

  test('carries query, body and If-Match', async () => {
    tokens.adopt(sessionAnswerOf());
    handle = (_, response) =>
      json(response, 200, { userId: sessionAnswerOf().userId, deleted: false, newest: 1, deviceLists: [] });
    await client.call(getDeviceLists, { params: { id: sessionAnswerOf().userId }, query: { after: 3 } });
    expect(requests.at(-1)).toBe(`GET /api/auth/users/${sessionAnswerOf().userId}/device-lists?after=3`);

    handle = (request, response) => {
      expect(request.headers['if-match']).toBe('"7"');
      expect(request.headers['authorization']).toBe('Bearer token-1');
      expect(JSON.parse(request.text)).toEqual({ vault: 'AAAA' });
      json(response, 200, { etag: '"8"' });
    };
    expect(await client.call(putVault, { body: { vault: 'AAAA' }, ifMatch: '"7"' })).toEqual({
      kind: 'ok',
      value: { etag: '"8"' },
    });
  });

  test('answers a problem as a value', async () => {
    handle = (_, response) => refuse(response, 'rate-limited');
    expect(await client.call(checkUsername, { params: ada })).toEqual({
      kind: 'problem',
      problem: makeProblem('rate-limited'),
    });
  });

  test('204 has no value', async () => {
    tokens.adopt(sessionAnswerOf());
    handle = (_, response) => response.writeHead(204).end();
    const ended = await client.call(endSession, { params: { id: sessionAnswerOf().sessionId } });
    expect(ended).toEqual({ kind: 'ok', value: undefined });
  });

  test.each<[string, Handler]>([
    ['an answer that breaks the schema', (_, response) => json(response, 200, { free: 'yes' })],
    ['an answer that is no JSON', (_, response) => response.writeHead(200).end('<html>')],
    ['a load balancer speaking', (_, response) => response.writeHead(502).end('bad gateway')],
    ['another status than the operation has', (_, response) => json(response, 201, { free: true })],
  ])('%s is unreachable: bad-answer', async (_, answer) => {
    handle = answer;
    expect(await client.call(checkUsername, { params: ada })).toEqual({
      kind: 'unreachable',
      reason: 'bad-answer',
    });
  });

  test('a redirect is not followed', async () => {
    handle = (_, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    expect(await client.call(checkUsername, { params: ada })).toMatchObject({ kind: 'unreachable' });
    expect(requests).toHaveLength(1);
  });

  test('an answer without end is not waited for', async () => {
    handle = (_, response) => {
      const more = () => {
        while (response.write('x'.repeat(100_000)));
        response.once('drain', more);
      };
      more();
    };
    expect(await client.call(checkUsername, { params: ada })).toEqual({
      kind: 'unreachable',
      reason: 'bad-answer',
    });
  });

  test('a cut connection is unreachable: no-network', async () => {
    handle = (request) => request.socket.destroy();
    expect(await client.call(checkUsername, { params: ada })).toEqual({
      kind: 'unreachable',
      reason: 'no-network',
    });
  });

  test('silence is unreachable: timeout, after 10 s', async () => {
    const arrived = new Promise<void>((resolve) => (handle = () => resolve()));
    const call = client.call(checkUsername, { params: ada });
    await arrived;
    clock.advance(10_000);
    expect(await call).toEqual({ kind: 'unreachable', reason: 'timeout' });
  });
});

describe('the token', () => {
  const refreshed = (token: string) => (response: ServerResponse) => {
    response.setHeader('set-cookie', `refresh=${token}; Path=/api/auth/sessions; HttpOnly; SameSite=Strict`);
    json(response, 200, sessionAnswerOf({ token }));
  };
  /** Refresh answers token after token; a count asks for one of them. */
  function serve(valid: (authorization: string | undefined) => boolean): void {
    let number = 1;
    handle = (request, response) => {
      if (request.url === '/api/auth/sessions/refresh') refreshed(`token-${++number}`)(response);
      else if (valid(request.headers['authorization'])) json(response, 200, { count: 3, lastResort: true });
      else refuse(response, 'unauthorized');
    };
  }
  const count = () => client.call(countKeyPackages, {});
  const refreshes = () => requests.filter((request) => request.includes('refresh')).length;

  test('is fetched by the cookie when there is none, once for all who wait', async () => {
    serve((authorization) => authorization === 'Bearer token-2');
    const results = await Promise.all([count(), count(), count()]);
    expect(results.map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok']);
    expect(refreshes()).toBe(1);
  });

  test('is renewed a minute before its end by the monotonic clock', async () => {
    serve(() => true);
    tokens.adopt(sessionAnswerOf({ lifeMs: 900_000 }));
    clock.advance(839_999);
    await count();
    expect(refreshes()).toBe(0);
    clock.advance(1);
    await count();
    expect(refreshes()).toBe(1);
    await count();
    expect(refreshes()).toBe(1);
  });

  test('that the server refuses is renewed and the call repeated once', async () => {
    serve((authorization) => authorization === 'Bearer token-2');
    tokens.adopt(sessionAnswerOf());
    expect(await count()).toMatchObject({ kind: 'ok' });

    serve(() => false);
    requests.length = 0;
    expect(await count()).toMatchObject({ kind: 'problem', problem: { code: 'unauthorized' } });
    expect(requests).toHaveLength(3);
  });

  test('that a service calls ended is ended only if auth-service says so', async () => {
    const events: SessionEvent['type'][] = [];
    tokens.adopt(sessionAnswerOf());
    tokens.on(({ type }) => events.push(type));
    handle = (request, response) => {
      if (request.url === '/api/auth/sessions/refresh') refreshed('token-2')(response);
      else refuse(response, 'session-ended');
    };
    expect(await count()).toMatchObject({ kind: 'problem', problem: { code: 'session-ended' } });
    expect(events).toEqual(['renewed']);
  });

  test('whose session has ended says so', async () => {
    const events: SessionEvent['type'][] = [];
    tokens.on(({ type }) => events.push(type));
    handle = (_, response) => refuse(response, 'session-ended');
    expect(await count()).toMatchObject({ kind: 'problem', problem: { code: 'session-ended' } });
    expect(events).toEqual(['ended']);
  });

  test('a lost refresh ends nothing', async () => {
    const events: SessionEvent['type'][] = [];
    tokens.on(({ type }) => events.push(type));
    handle = (request) => request.socket.destroy();
    expect(await count()).toMatchObject({ kind: 'unreachable' });
    serve(() => true);
    expect(await count()).toMatchObject({ kind: 'ok' });
    expect(events).toEqual(['renewed']);
  });

  test('of another user is not taken', async () => {
    tokens.adopt(sessionAnswerOf({ userId: 'B'.repeat(42) + 'A' }));
    clock.advance(900_000);
    serve(() => true);
    expect(await count()).toEqual({ kind: 'unreachable', reason: 'bad-answer' });
  });

  test('of another user than the store’s is not taken at start', async () => {
    tokens.expect(sessionAnswerOf({ userId: 'B'.repeat(42) + 'A' }).userId);
    serve(() => true);
    expect(await count()).toEqual({ kind: 'unreachable', reason: 'bad-answer' });
    expect(tokens.current()).toBeNull();
  });

  test('a renewal that began before a sign-out brings nothing back', async () => {
    const answer = new Promise<() => void>((resolve) => {
      handle = (_, response) => resolve(() => refreshed('late')(response));
    });
    const call = count();
    const release = await answer;
    tokens.forget();
    release();
    expect(await call).toMatchObject({ kind: 'unreachable' });
    expect(tokens.current()).toBeNull();
  });

  test('the cookie goes to its path only, is saved, replaced and cleared', async () => {
    const seen: (string | undefined)[] = [];
    serve(() => true);
    const inner = handle;
    handle = (request, response) => {
      seen.push(request.headers['cookie']);
      inner(request, response);
    };
    await count();
    clock.advance(900_000);
    await count();
    expect(seen).toEqual([undefined, undefined, 'refresh=token-2', undefined]);
    expect(JSON.parse(savedJar.at(-1) ?? '')).toEqual([
      { name: 'refresh', value: 'token-3', path: '/api/auth/sessions' },
    ]);
    const jar = cookieJar(savedJar.at(-1) ?? null, async () => {});
    expect(jar.header('/api/auth/sessions/refresh')).toBe('refresh=token-3');
    expect(jar.header('/api/auth/sessionsx')).toBeNull();
    await jar.absorb(['refresh=; Max-Age=0; Path=/api/auth/sessions']);
    expect(jar.header('/api/auth/sessions')).toBeNull();
  });
});
