import { findFreePort, startCaddy, type CaddyPart } from '@wisp/deploy-local/parts';
import { createApp, createLogger, listen, type HttpServer } from '@wisp/service-kit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestHandler } from 'express';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './launcher.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const answerWith =
  (name: string): RequestHandler =>
  (request, response) => {
    response.json({ name, url: request.url, from: request.headers['x-forwarded-for'] });
  };

let web: Awaited<ReturnType<typeof temporaryFolder>>;
let services: HttpServer[];
let caddy: CaddyPart;

beforeAll(async () => {
  web = await temporaryFolder();
  await mkdir(join(web.path, 'assets'));
  await writeFile(join(web.path, 'index.html'), '<title>Wisp</title>');
  await writeFile(join(web.path, 'assets/a-1234.js'), 'export {};');
  const names = ['auth', 'groups', 'messages-1', 'messages-2', 'gateway'];
  services = await Promise.all(
    names.map((name) => listen(createApp({ logger, handlers: [answerWith(name)] }), { port: 0 })),
  );
  const [auth, groups, first, second, gateway] = services.map(({ port }) => `127.0.0.1:${port}`) as [
    string,
    string,
    string,
    string,
    string,
  ];
  caddy = await startCaddy({
    authServices: [auth],
    // Nobody listens there.
    groupServices: [`127.0.0.1:${await findFreePort()}`, groups],
    messageServices: [first, second],
    gateways: [gateway],
    web: web.path,
  });
});

afterAll(async () => {
  await caddy.stop();
  await Promise.all(services.map((service) => service.close(0)));
  await web.remove();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${caddy.url}${path}`, { headers });
const nameBehind = async (path: string) => ((await (await get(path)).json()) as { name: string }).name;

/** Those that aren't about one connection or one body. */
function lastingHeaders(headers: Headers): Record<string, string> {
  const passing = ['connection', 'keep-alive', 'date', 'content-length', 'content-type', 'etag', 'vary'];
  const own = ['cache-control', 'last-modified', 'accept-ranges', 'server', 'transfer-encoding'];
  return Object.fromEntries([...headers].filter(([name]) => ![...passing, ...own].includes(name)));
}

describe('the load balancer', () => {
  test('pages have the security headers that every answer of a service has', async () => {
    const page = lastingHeaders((await get('/')).headers);
    const service = lastingHeaders(
      (await fetch(`http://127.0.0.1:${services[0]?.port ?? 0}/api/auth/jwks`)).headers,
    );
    expect(service['content-security-policy']).toBeDefined();
    expect(page).toEqual(service);
    expect(lastingHeaders((await get('/api/nothing')).headers)).toEqual(service);
  });

  test('each path finds its service', async () => {
    expect(await nameBehind('/api/auth/jwks')).toBe('auth');
    expect(await nameBehind('/api/conversations')).toBe('groups');
    expect(await nameBehind('/api/conversations/welcomes?x=1')).toBe('groups');
    expect(await nameBehind('/socket.io/?EIO=4')).toBe('gateway');
  });

  test('replicas take turns', async () => {
    const names = [await nameBehind('/api/messages/sync'), await nameBehind('/api/messages/sync')];
    expect(names.sort()).toEqual(['messages-1', 'messages-2']);
  });

  test("a caller can't choose the address that services see", async () => {
    const answer = await get('/api/auth/jwks', { 'X-Forwarded-For': '203.0.113.9' });
    expect(await answer.json()).toMatchObject({ from: '127.0.0.1' });
  });

  test.each(['/', '/chats/018f', '/index.html'])('%s is the page', async (path) => {
    const answer = await get(path);
    expect(await answer.text()).toBe('<title>Wisp</title>');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  test('assets are kept for ever, missing ones are not', async () => {
    expect((await get('/assets/a-1234.js')).headers.get('cache-control')).toContain('immutable');
    const missing = await get('/assets/b-1234.js');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('cache-control')).toBe('no-store');
  });

  test.each(['/healthz', '/readyz', '/metrics', '/api', '/api/other'])('%s is nobody’s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ code: 'not-found', status: 404 });
  });

  test('with all replicas away the answer is a problem', async () => {
    await services[0]?.close(0);
    const answer = await get('/api/auth/jwks');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'unavailable', retryAfter: 1 });
  });
});
