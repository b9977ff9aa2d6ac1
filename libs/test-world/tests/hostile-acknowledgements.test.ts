import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MessageKey, Timer } from '@wisp/client';
import { appendFrame, syncMessages, type AppendAnswer, type AppendResult, type Seq } from '@wisp/protocol';
import type { HostileProxy, Person } from '../src/index.js';
import { lookInStore } from './hostile/look-in-store.js';
import { openStage, type Stage } from './hostile/stage.js';
import { newestEntry, seesTheLie, seqAfter } from './hostile/tamper.js';

/* A server whose word about what it stored is false, lost, doubled, or no. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

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
