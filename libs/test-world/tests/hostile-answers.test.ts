import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine, MessageKey, Timer } from '@wisp/client';
import { openEngine } from '@wisp/client/node';
import {
  appendFrame,
  createAccount,
  findUser,
  getParameters,
  httpOperations,
  refreshSession,
  syncedFrame,
  syncMessages,
  type AppendAnswer,
  type AppendResult,
  type Seq,
} from '@wisp/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostileProxy, openHostileProxy, type Person, type Reply } from '../src/index.js';
import { lookInStore } from './hostile/look-in-store.js';
import { openStage, type Stage } from './hostile/stage.js';
import { newestEntry, seesTheLie, seqAfter } from './hostile/tamper.js';

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

describe('acknowledgements', () => {
  const stored = (seq: Seq): AppendAnswer => ({
    timeline: 1,
    results: [{ status: 'stored', seq, acceptedAt: Date.now() }],
  });

  test('of a message that was never stored: the next entry at its place gives it away', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const place = seqAfter(await newestEntry(stage.world, conversation));
    const stop = proxy.onSend(appendFrame, () => ({ kind: 'answer', ack: stored(place) }));
    await bob.says('into the void');
    await bob.seesState('into the void', 'sent');
    stop();
    await alice.says('where it should be');
    expect(await seesTheLie(bob)).toContain("isn't the one that this device holds");
    expect(await alice.texts()).not.toContain('into the void');
  }, 120_000);

  test('of a message as known before, that nobody has: its absence from the whole log gives it away', async () => {
    const { bob, proxy, conversation } = await stage.pair();
    // The silent first message and one word: this is the third that the device sends.
    const counter = 3;
    const head = (await newestEntry(stage.world, conversation)).seq;
    const lie = { id: conversation, head, newestCommitSeq: head, lastN: counter, timeline: 1 };
    proxy.onAnswer(syncMessages, (answer) => ({ ...answer, conversations: [lie] }));
    const ack: AppendAnswer = { timeline: 1, results: [{ status: 'duplicate' }] };
    proxy.onSend(appendFrame, () => ({ kind: 'answer', ack }));
    await bob.says('swallowed');
    expect(await seesTheLie(bob)).toContain(`own permanent message n ${counter} is missing`);
    expect((await bob.engine.messages({ conversation, limit: 10 })).messages.at(-1)).toMatchObject({
      content: { text: 'swallowed' },
      state: { kind: 'failed', reason: 'contradicted' },
    });
  }, 120_000);

  describe('of a message as known before, against the server’s own count', () => {
    const duplicate: AppendAnswer = { timeline: 1, results: [{ status: 'duplicate' }] };
    const timers: [string, Timer | undefined][] = [
      ['a permanent message', undefined],
      ['one that goes after it’s sent', { mode: 'afterSend', ttlSeconds: 60 }],
      ['one that goes after it’s read', { mode: 'afterRead', ttlSeconds: 60 }],
    ];
    for (const [what, timer] of timers) {
      test(`${what} isn’t sent, says so, and goes when it is tried again`, async () => {
        const { alice, bob, proxy, conversation } = await stage.pair();
        const stop = proxy.onSend(appendFrame, () => ({ kind: 'answer', ack: duplicate }));
        const { key } = await bob.says('swallowed', timer === undefined ? {} : { timer });
        await bob.waitFor(async () => {
          const own = (await bob.read()).find((message) => message.key === key);
          return own?.state?.kind === 'failed' ? own : undefined;
        }, 'the failure');
        stop();
        await bob.engine.sendAgain({ conversation, key });
        await alice.sees('swallowed');
        await bob.seesState('swallowed', 'sent');
        await bob.says('and goes on');
        await alice.sees('and goes on');
        for (const person of [alice, bob]) expect((await person.onlyChat()).hold).toBeNull();
      }, 120_000);
    }

    test('a receipt holds nothing up, and a delete isn’t forgotten', async () => {
      const { alice, bob, proxy, conversation } = await stage.pair();
      const { key } = await bob.says('a slip');
      await alice.sees('a slip');
      await bob.seesState('a slip', 'sent');
      await alice.says('read me');
      await bob.sees('read me');
      const answered: number[] = [];
      const stop = proxy.onSend(appendFrame, ({ messages }) => {
        answered.push(messages.length);
        return {
          kind: 'answer',
          ack: { timeline: 1, results: messages.map((): AppendResult => ({ status: 'duplicate' })) },
        };
      });
      await bob.looks();
      await bob.engine.deleteForEveryone({ conversation, key });
      await bob.waitFor(() => Promise.resolve(answered.length > 1 ? true : undefined), 'a second try');
      stop();
      await bob.says('not held up');
      await alice.sees('not held up');
      await alice.seesNoMore('a slip');
      for (const person of [alice, bob]) expect((await person.onlyChat()).hold).toBeNull();
    }, 120_000);
  });

  test('of a message with a timer, by its count as well: it counts as gone only once it can have gone', async () => {
    const { bob, proxy, conversation } = await stage.pair();
    const { seq: head } = await newestEntry(stage.world, conversation);
    // The silent first message and one word: this is the third that the device sends.
    const lie = { id: conversation, head, newestCommitSeq: head, lastN: 3, timeline: 1 };
    proxy.onSend(appendFrame, ({ messages }) => {
      proxy.onAnswer(syncMessages, (answer) => ({ ...answer, conversations: [lie] }));
      return {
        kind: 'answer',
        ack: { timeline: 1, results: messages.map((): AppendResult => ({ status: 'duplicate' })) },
      };
    });
    const { key } = await bob.says('alive', { timer: { mode: 'afterSend', ttlSeconds: 3600 } });
    await bob.waitFor(async () => {
      const own = (await bob.read()).find((message) => message.key === key);
      return own?.state?.kind === 'failed' ? own : undefined;
    }, 'the failure');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('that get lost, come twice, or are too few: one message, in its place', async () => {
    const { alice, bob, proxy } = await stage.pair();
    let losses = 0;
    const stop = proxy.onAck(appendFrame, (ack) => {
      losses += 1;
      if (losses === 1) return [];
      return losses === 2 ? [{ ...ack, results: [] }] : [ack, ack];
    });
    await bob.says('lost at first');
    await alice.sees('lost at first');
    // Its entry comes back in the log, whatever became of the answer.
    bob.clock.advance(10_000);
    await bob.seesState('lost at first', 'sent');
    for (const text of ['second', 'third', 'fourth']) await bob.says(text);
    await alice.sees('fourth');
    await bob.seesState('fourth', 'sent');
    stop();
    expect((await alice.texts()).slice(2)).toEqual(['lost at first', 'second', 'third', 'fourth']);
    expect((await bob.texts()).slice(2)).toEqual(['lost at first', 'second', 'third', 'fourth']);
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('that refuse: the message shows as failed, and can be sent again', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const malformed = (): AppendResult => ({ status: 'malformed' });
    const stop = proxy.onSend(appendFrame, ({ messages }) => ({
      kind: 'answer',
      ack: { timeline: 1, results: messages.map(malformed) },
    }));
    const message = await bob.says('refused at first');
    await bob.waitFor(async () => {
      const own = (await bob.read()).find(({ key }) => key === message.key);
      return own?.state?.kind === 'failed' ? true : undefined;
    }, 'the failure');
    stop();
    await bob.engine.sendAgain({ conversation: message.conversation, key: message.key });
    await alice.sees('refused at first');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);
});

describe('an edit that is refused', () => {
  const refuse = (proxy: HostileProxy) =>
    proxy.onSend(appendFrame, ({ messages }) => ({
      kind: 'answer',
      ack: { timeline: 1, results: messages.map((): AppendResult => ({ status: 'malformed' })) },
    }));

  async function edits(who: Person, key: MessageKey, words: string[]): Promise<void> {
    const { id } = await who.onlyChat();
    for (const text of words) await who.engine.edit({ conversation: id, key, text });
  }

  test('gives the words back that the server has, once, whatever was tried after them', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const { key } = await bob.says('first words');
    await bob.seesState('first words', 'sent');
    const refused: MessageKey[] = [];
    bob.engine.on((event) => {
      if (event.type === 'editRefused') refused.push(event.key);
    });

    let stop = refuse(proxy);
    await edits(bob, key, ['never so']);
    await bob.sees('first words');
    expect((await bob.sees('first words')).content).toMatchObject({ edited: false });
    expect(refused).toEqual([key]);

    stop();
    await edits(bob, key, ['second words']);
    await alice.sees('second words');
    // Its answer has to be here before the next ones are refused.
    await bob.says('a mark');
    await bob.seesState('a mark', 'sent');
    stop = refuse(proxy);
    await edits(bob, key, ['not these', 'nor these']);
    const back = await bob.sees('second words');
    expect(back.content).toMatchObject({ edited: true });
    expect(refused).toEqual([key, key]);

    stop();
    await edits(bob, key, ['third words']);
    await alice.sees('third words');
    expect(await bob.texts()).toContain('third words');
    for (const person of [alice, bob]) expect((await person.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('brings nothing back that has died meanwhile', async () => {
    const { alice, bob } = await stage.pair();
    const { key } = await bob.says('words that die', { timer: { mode: 'afterSend', ttlSeconds: 60 } });
    await bob.seesState('words that die', 'sent');
    bob.goesOffline();
    await edits(bob, key, ['new words that die']);
    expect((await lookInStore(bob, 'words that die')).length).toBeGreaterThan(0);
    await bob.reload();
    await bob.sees('new words that die');
    bob.clock.advance(61_000);
    await bob.seesNoMore('new words that die');
    expect(await lookInStore(bob, 'words that die')).toEqual([]);
    await bob.reload();
    await bob.comesBack();
    await alice.says('still here');
    await bob.sees('still here');
  }, 120_000);
});

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
