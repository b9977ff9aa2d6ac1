import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine } from '@wisp/client';
import { openEngine } from '@wisp/client/node';
import {
  createAccount,
  findUser,
  getParameters,
  httpOperations,
  refreshSession,
  syncedFrame,
} from '@wisp/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostileProxy, openHostileProxy, type Person, type Reply } from '../src/index.js';
import { openStage, type Stage } from './hostile/stage.js';

/* A server whose answers are false, lost, doubled, or no answers at all. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

const html = (status: number): Reply => ({
  kind: 'text',
  status,
  contentType: 'text/html',
  text: '<!doctype html><title>Bad gateway</title>',
});
const json = (text: string, status = 200): Reply => ({
  kind: 'text',
  status,
  contentType: 'application/json',
  text,
});

const garbage: [string, Reply][] = [
  ['a page', html(200)],
  ['an error page', html(502)],
  ['nothing', json('')],
  ['null', json('null')],
  ['half a document', json('{"serverId":"')],
  ['another form', json('{"serverId":7,"pages":{},"welcomes":[{}],"token":[]}')],
  ['megabytes', json(JSON.stringify({ serverId: 'x'.repeat(20_000_000) }))],
  ['an unknown problem', json('{"type":"about:blank","code":"no-such-code","status":418}', 418)],
  ['no answer', { kind: 'lost' }],
];

describe('registration', () => {
  let proxy: HostileProxy;
  let engine: Engine;
  let folder: string;
  const account = { username: 'gullible', password: 'correct horse battery staple canyon' };

  beforeAll(async () => {
    proxy = await openHostileProxy(stage.world.url);
    folder = await mkdtemp(join(tmpdir(), 'wisp-gullible-'));
    engine = openEngine({ server: proxy.url, folder });
    await engine.start();
  });
  afterAll(async () => {
    await engine.close();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [what, reply] of garbage) {
    test(`at a server that answers ${what}: says so, and nothing is begun`, async () => {
      const stop = proxy.onRequest(getParameters, () => reply);
      await expect(engine.register(account)).rejects.toMatchObject({
        code: expect.stringMatching(/^(offline|server-unavailable)$/),
      });
      expect(await engine.start()).toEqual({ kind: 'nobody' });
      stop();
    });
  }

  test('at a server that wants weak keys: nothing of the password leaves the device', async () => {
    const stop = proxy.onAnswer(getParameters, (answer) => ({
      ...answer,
      kdf: { ...answer.kdf, m: 1024, t: 1 },
    }));
    await expect(engine.register(account)).rejects.toMatchObject({ code: 'weak-server' });
    expect(proxy.answersOf(createAccount)).toEqual([]);
    expect(await engine.start()).toEqual({ kind: 'nobody' });
    stop();
  });

  test('that is answered with somebody else’s account, or a page, goes on once the server is honest', async () => {
    const stopPage = proxy.onRequest(createAccount, () => html(200));
    await expect(engine.register(account)).rejects.toMatchObject({ code: 'server-unavailable' });
    stopPage();
    const stranger = await stage.friend('stranger');
    const userId = await stranger.userId();
    const stop = proxy.onAnswer(createAccount, (answer) => ({ ...answer, userId }));
    await expect(engine.register(account)).rejects.toMatchObject({ code: 'server-refused' });
    expect(await engine.start()).toEqual({ kind: 'nobody' });
    stop();
    const { words } = await engine.register(account);
    expect(words).toHaveLength(12);
    expect(await engine.start()).toMatchObject({ kind: 'unproven', account: { username: 'gullible' } });
  }, 120_000);
});

describe('a signed-in engine', () => {
  async function goesOn(alice: Person, bob: Person, text: string): Promise<void> {
    await bob.engine.wake();
    await alice.says(text);
    await bob.sees(text);
    await bob.says(`${text} indeed`);
    await alice.sees(`${text} indeed`);
    expect((await bob.onlyChat()).hold).toBeNull();
  }

  test('whose session is renewed in somebody else’s name takes no such token', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const userId = await alice.userId();
    proxy.onAnswer(refreshSession, (answer) => ({ ...answer, userId }));
    await bob.reload();
    expect(await bob.engine.start()).toMatchObject({ kind: 'signed-in', account: { username: bob.name } });
    await bob.waitFor(
      async () => ((await bob.engine.connection()).state === 'offline' ? true : undefined),
      'being offline',
    );
    expect(await bob.texts()).toEqual(['hi', 'hi yourself']);
    proxy.repent();
    await goesOn(alice, bob, 'as myself');
  }, 120_000);

  test('that is answered with garbage keeps what it has, says what is wrong, and goes on afterwards', async () => {
    const { alice, bob, proxy } = await stage.pair();
    for (const [what, reply] of garbage) {
      for (const operation of httpOperations) proxy.onRequest(operation, () => reply);
      const looked = bob.engine.findUser(alice.name).then(
        () => 'found',
        (error: { code?: string }) => error.code,
      );
      expect([what, await looked]).toEqual([what, 'offline']);
      await bob.reload();
      expect(await bob.texts()).toEqual(expect.arrayContaining(['hi', 'hi yourself']));
      await bob.waitFor(
        async () => ((await bob.engine.connection()).reason === 'server-away' ? true : undefined),
        `being offline at ${what}`,
      );
      proxy.repent();
    }
    await goesOn(alice, bob, 'after all that');
  }, 120_000);

  test('that gets no answer gives up after its time', async () => {
    const { alice, bob, proxy } = await stage.pair();
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    proxy.onRequest(findUser, () => {
      asked();
      return { kind: 'silence' };
    });
    const looked = bob.engine.findUser(alice.name);
    const refused = expect(looked).rejects.toMatchObject({ code: 'offline' });
    await isAsked;
    bob.clock.advance(10_000);
    await refused;
    proxy.repent();
    await goesOn(alice, bob, 'patience');
  }, 120_000);

  test('that is sent frames of no form loses nothing', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const broken = [
      '42["entries"]',
      '42["entries",null]',
      `42["entries",{"timeline":1,"conversation":"${conversation}","entries":[{"seq":-1}]}]`,
      `42["synced",{"timeline":1,"since":"x","time":-1,"conversations":[],"left":[]}]`,
      '42["expired",{"timeline":1,"seqs":[]}]',
      '42["a frame of another age",{"deep":[[[[]]]]}]',
      `42["head",{"seq":${'9'.repeat(400)}}]`,
      `42["typing","${'x'.repeat(3_000_000)}"]`,
      '4399999[{"results":[]}]',
    ];
    for (const text of broken) proxy.pushText(text);
    await goesOn(alice, bob, 'after broken frames');
    // What isn't even a packet ends the connection; another one is made.
    const noPackets = ['42', '42[', '42{"no":"array"}', '44', '451-["x",1]', '4zzz', 'zzz', ''];
    for (const text of noPackets) {
      const connections = proxy.framesOf(syncedFrame).length;
      proxy.pushText(text);
      await bob.waitFor(
        () => Promise.resolve(proxy.framesOf(syncedFrame).length > connections || undefined),
        `the next connection after ${text}`,
      );
    }
    await goesOn(alice, bob, 'after broken packets');
  }, 120_000);
});
