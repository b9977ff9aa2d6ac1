import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commitInfo, encodeBase64url, limits } from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import { createGroupService } from '../src/index.js';
import { listen } from '@wisp/service-kit';
import { firstCommit, frame, makeCommit, newConversationId, type Group } from './commits.js';
import { firstDevice, makePerson, SERVER, type Person } from './people.js';
import { logger, startWorld, type World } from './world.js';

let world: World;
let alice: Person;
let group: Group;
beforeAll(async () => {
  world = await startWorld();
  alice = makePerson();
  const bob = makePerson();
  world.auth.add(alice, bob);
  const first = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
  await world.create(alice, first);
  group = { ...first.after, lastCommitSeq: 1 as Group['lastCommitSeq'] };
});
afterAll(() => world.stop());

const id = '00000000-0000-4000-8000-000000000001';
const operations: [string, string, unknown][] = [
  ['POST', '/api/conversations', { conversation: id, kind: 'direct', commit: 'AAAA' }],
  ['GET', '/api/conversations', undefined],
  ['GET', `/api/conversations/${id}`, undefined],
  ['POST', `/api/conversations/${id}/commits`, { commit: 'AAAA' }],
  ['POST', `/api/conversations/${id}/incarnations`, { commit: 'AAAA' }],
  ['POST', `/api/conversations/${id}/leave`, { statement: 'AAAA' }],
  ['POST', `/api/conversations/${id}/repair-requests`, { statement: 'AAAA' }],
  ['POST', `/api/conversations/${id}/join-requests`, { statement: 'AAAA' }],
  ['GET', '/api/conversations/requests', undefined],
  ['GET', '/api/conversations/welcomes', undefined],
  ['DELETE', `/api/conversations/welcomes/${id}`, undefined],
];
const withBody = operations.filter(([, , body]) => body !== undefined);

/** Everything that a refused request could have left behind. */
async function stored() {
  const tables = [
    'conversations',
    'direct_pairs',
    'roster',
    'devices',
    'pending_commits',
    'commits',
    'requests',
  ];
  const counts = await Promise.all(
    tables.map((table) => world.database.query<{ count: string }>(`select count(*) from groups.${table}`)),
  );
  return counts.map(([row]) => row?.count);
}

describe.each(operations)('%s %s', (method, path, body) => {
  test('is for signed-in devices only', async () => {
    const before = await stored();
    const request = { method, path, ...(body !== undefined && { body }) };
    expect(await world.call(null, request)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    for (const token of ['x', world.auth.token(alice, { expired: true }), `${world.auth.token(alice)}x`]) {
      expect(await world.call(alice, { ...request, token })).toMatchObject({ status: 401 });
    }
    const unbound = world.auth.token(alice, { device: null });
    expect(await world.call(alice, { ...request, token: unbound })).toMatchObject({
      status: 403,
      body: { code: 'device-not-listed' },
    });
    expect(await stored()).toEqual(before);
  });

  test('knows its method and its path', async () => {
    const answer = await world.call(alice, { method: 'PATCH', path });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    const shouted = await world.call(alice, { method, path: path.replace(id, id.replace('4000', 'XYZW')) });
    if (path.includes(id)) expect(shouted).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });
});

describe.each(withBody)('%s %s', (method, path, body) => {
  const send = (wrong: unknown) => world.call(alice, { method, path, body: wrong });

  test('refuses malformed bodies, naming the field', async () => {
    const before = await stored();
    expect(await world.call(alice, { method, path })).toMatchObject({
      status: 400,
      body: { code: 'malformed' },
    });
    for (const text of ['', '{', 'null', '[]', '"x"', '{"__proto__":1}']) {
      expect(await send(text)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    }
    const right = body as Record<string, unknown>;
    for (const field of Object.keys(right)) {
      for (const value of [undefined, null, 1, {}, [], '', 'ä', 'A', 'AAA=', 'AAAB+', '\u0000']) {
        const answer = await send({ ...right, [field]: value });
        expect(answer).toMatchObject({ status: 400, body: { code: 'malformed', field } });
      }
    }
    expect(await send({ ...right, more: 1 })).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(await stored()).toEqual(before);
  });

  test('refuses what is too large', async () => {
    const before = await stored();
    const [field] = Object.keys(body as object).slice(-1);
    const answer = await send({ ...(body as object), [field ?? '']: 'A'.repeat(6_000_000) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect(await stored()).toEqual(before);
  });
});

describe('commits', () => {
  const post = (bytes: Uint8Array, welcome: Uint8Array | null = null) =>
    world.post(alice, {
      path: `/api/conversations/${group.conversation}/commits`,
      commit: { bytes, welcome },
    });
  const refused = (reason: string) => ({ status: 422, body: { code: 'commit-refused', reason } });

  test('that are no commits are refused by what is wrong with them', async () => {
    const { info, bytes } = makeCommit(group);
    const said = commitInfo.encode(info);
    expect(await post(randomBytes(500))).toMatchObject(refused('framing'));
    expect(await post(bytes.subarray(0, -1))).toMatchObject(refused('framing'));
    expect(await post(Buffer.concat([bytes, Buffer.from([0])]))).toMatchObject(refused('framing'));
    expect(await post(frame(said, { contentType: 1 }))).toMatchObject(refused('framing'));
    expect(await post(frame(said, { contentType: 2 }))).toMatchObject(refused('framing'));
    expect(await post(frame(new Uint8Array()))).toMatchObject(refused('commit-info-malformed'));
    expect(await post(frame(said.subarray(1)))).toMatchObject(refused('commit-info-malformed'));
    expect(await post(frame(Buffer.concat([said, Buffer.from([0])])))).toMatchObject(
      refused('commit-info-malformed'),
    );
    expect(await world.entries(group.conversation)).toHaveLength(1);
  });

  test('with bits turned over never pass and never break anything', async () => {
    const { bytes } = makeCommit(group);
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    // The last bytes are ciphertext, which the server can't judge.
    const judged = bytes.length - 160;
    for (let round = 0; round < 40; round += 1) {
      const mutated = Buffer.from(bytes);
      const at = 46 + next(judged - 46);
      mutated[at] = (mutated[at] ?? 0) ^ (1 << next(8));
      const answer = await post(mutated);
      // A commitId or a head's hash is anybody's to choose: such a commit is a right one.
      if (answer.status === 201)
        group = { ...group, lastCommitSeq: answer.body['seq'] as Group['lastCommitSeq'] };
      const isExpected = [201, 409, 422, 429].includes(answer.status);
      if (!isExpected) throw new Error(`seed ${seed}, round ${round}: ${answer.status}`);
    }
    expect((await world.call(alice, { method: 'GET', path: '/api/conversations' })).status).toBe(200);
  });

  test('may have a mebibyte, and their Welcomes three', async () => {
    const bob = makePerson();
    const carol = makePerson();
    world.auth.add(bob, carol);
    const first = firstCommit({ kind: 'direct', opener: bob, others: [{ person: carol, role: 4 }] });
    const said = commitInfo.encode(first.info);
    const empty = frame(said, { ciphertext: 20_000 }).length - 20_000;
    const bytes = frame(said, { ciphertext: limits.commitBytes - empty });
    expect(bytes).toHaveLength(limits.commitBytes);
    const welcome = randomBytes(limits.welcomeBytes);
    const answer = await world.create(bob, { ...first, bytes, welcome });
    expect(answer.status).toBe(201);
    const { body } = await world.call(carol, { method: 'GET', path: '/api/conversations/welcomes' });
    expect(body['welcomes']).toEqual([expect.objectContaining({ welcome: encodeBase64url(welcome) })]);
  });
});

describe('Welcomes', () => {
  test('come oldest first, as many as fit', async () => {
    const bob = makePerson();
    world.auth.add(bob);
    const sizes = [2_000_000, 1_000_000, 500_000, 100];
    for (const size of sizes) {
      const peer = makePerson();
      world.auth.add(peer);
      const first = firstCommit({ kind: 'direct', opener: peer, others: [{ person: bob, role: 4 }] });
      await world.create(peer, { ...first, welcome: randomBytes(size) });
    }
    const list = async () => {
      const { body } = await world.call(bob, { method: 'GET', path: '/api/conversations/welcomes' });
      return body['welcomes'] as { id: string; welcome: string }[];
    };
    const first = await list();
    expect(first.map(({ welcome }) => Math.floor((welcome.length * 3) / 4))).toEqual(sizes.slice(0, 2));
    for (const { id: one } of first) {
      await world.call(bob, { method: 'DELETE', path: `/api/conversations/welcomes/${one}` });
    }
    expect((await list()).map(({ welcome }) => Math.floor((welcome.length * 3) / 4))).toEqual(sizes.slice(2));
  });

  test('that nobody has can be deleted by everybody', async () => {
    const path = `/api/conversations/welcomes/${randomUUID()}`;
    expect((await world.call(alice, { method: 'DELETE', path })).status).toBe(204);
  });
});

describe('what is away', () => {
  test('the database: 503 with Retry-After', async () => {
    const service = createGroupService({
      config: {
        databaseUrl: 'postgres://postgres:test@127.0.0.1:1/groups',
        databaseConnections: 2,
        commitSeconds: 86_400,
        redisUrl: 'none',
        serverId: SERVER,
        trustedProxies: 0,
      },
      bus: await world.connect(),
      logger,
    });
    const http = await listen(service.app, { port: 0 });
    const headers = { authorization: `Bearer ${world.auth.token(alice)}` };
    for (const path of ['', `/${newConversationId()}`, '/welcomes', '/requests']) {
      const answer = await fetch(`http://127.0.0.1:${http.port}/api/conversations${path}`, { headers });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'unavailable' });
      expect(answer.headers.get('retry-after')).not.toBeNull();
    }
    const ready = await fetch(`http://127.0.0.1:${http.port}/readyz`);
    expect(ready.status).toBe(503);
    await http.close(0);
    await service.stop();
  });

  test('the log: 503, and the retry is taken when it is back', async () => {
    const [bob, carol] = [makePerson(), makePerson()];
    world.auth.add(bob, carol);
    const first = firstCommit({ kind: 'direct', opener: bob, others: [{ person: carol, role: 4 }] });
    await world.stopLog();
    expect(await world.create(bob, first)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await world.startLog();
    expect(await world.create(bob, first)).toMatchObject({ status: 201 });
    expect(await world.members(first.after.conversation)).toContainEqual({
      device: firstDevice(bob).id,
      role: 4,
    });
  });
});
