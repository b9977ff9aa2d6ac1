import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appendFrame,
  decodeBase64url,
  encodeBase64url,
  entriesFrame,
  fetchMessages,
  headFrame,
  syncedFrame,
  type AppendAnswer,
  type LogEntry,
  type Seq,
} from '@wisp/protocol';
import type { Person } from '../src/index.js';
import { openStage, type Stage } from './hostile/stage.js';
import {
  newestEntry,
  seesPlaceholder,
  seesTheLie,
  seqAfter,
  tamperEntries,
  tamperHeads,
} from './hostile/tamper.js';

/* A server that lies about a log, between two real engines. What only a database shows: lying-log.test.ts. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

test('with nothing to lie about the proxy is a server like any other', async () => {
  const { alice, bob, proxy } = await stage.pair();
  proxy.dropSockets();
  await bob.reload();
  await alice.says('after a reload');
  await bob.sees('after a reload');
  expect((await bob.onlyChat()).hold).toBeNull();
}, 120_000);

describe('what is kept back', () => {
  test('a permanent message is missed at the next one; sending is held until the person goes on', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const hidden = seqAfter(await newestEntry(stage.world, conversation));
    tamperEntries(proxy, (entries) => entries.filter(({ seq }) => seq !== hidden));
    await alice.says('kept back');
    await alice.says('shown');
    await bob.sees('shown');
    expect(await seesTheLie(bob)).toContain('missing');
    await expect(bob.says('too early')).rejects.toMatchObject({ code: 'held' });
    await bob.engine.releaseHold({ conversation });
    await bob.says('going on');
    await alice.sees('going on');
    expect(await bob.texts()).not.toContain('kept back');
  }, 120_000);

  test('a message with a timer is not told from one whose time was up', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const hidden = seqAfter(await newestEntry(stage.world, conversation));
    tamperEntries(proxy, (entries) => entries.filter(({ seq }) => seq !== hidden));
    await alice.says('kept back', { timer: { mode: 'afterSend', ttlSeconds: 3600 } });
    await alice.says('shown');
    await bob.sees('shown');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('everything, behind a page that claims to be complete: noticed once the truth comes by', async () => {
    const { alice, bob, proxy } = await stage.pair();
    proxy.onFrame(entriesFrame, ({ conversation: id, entries, timeline }) => {
      proxy.push(headFrame, { timeline, conversation: id, seq: entries[0]?.seq ?? 1 });
      return [];
    });
    proxy.onAnswer(fetchMessages, (answer) => ({
      ...answer,
      pages: answer.pages.map((page) =>
        page.status === 'ok' ? { ...page, entries: [], through: seqAfter({ seq: page.head }, 1000) } : page,
      ),
    }));
    await alice.says('kept back');
    await alice.seesState('kept back', 'sent');
    await bob.waitFor(
      () => Promise.resolve(proxy.answersOf(fetchMessages).length > 0 ? true : undefined),
      'the empty page',
    );
    proxy.repent();
    await alice.says('and on');
    expect(await seesTheLie(bob)).toContain('the log ends at');
    await bob.sees('and on');
    expect(await bob.texts()).toContain('kept back');
  }, 120_000);
});

describe('what is shown again or elsewhere', () => {
  test('frames and pages that repeat show nothing twice', async () => {
    const { alice, bob, proxy } = await stage.pair();
    proxy.onFrame(entriesFrame, (frame) => [frame, frame, frame]);
    tamperEntries(proxy, (entries) => entries.flatMap((entry) => [entry, entry]));
    for (const text of ['one', 'two', 'three']) await alice.says(text);
    await bob.sees('three');
    expect(await bob.texts()).toEqual(['hi', 'hi yourself', 'one', 'two', 'three']);
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('a message that is given a second place is refused there', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    await alice.says('only once');
    await bob.sees('only once');
    const entry = await newestEntry(stage.world, conversation);
    proxy.push(entriesFrame, { timeline: 1, conversation, entries: [{ ...entry, seq: seqAfter(entry) }] });
    await seesPlaceholder(bob, 'refused');
    expect((await bob.texts()).filter((text) => text === 'only once')).toHaveLength(1);
  }, 120_000);

  test('frames out of order are read in order', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const held: LogEntry[] = [];
    proxy.onFrame(entriesFrame, (frame) => {
      held.push(...frame.entries);
      if (held.length < 3) return [];
      return held
        .splice(0)
        .reverse()
        .map((entry) => ({ ...frame, entries: [entry] }));
    });
    for (const text of ['one', 'two', 'three']) await alice.says(text);
    await bob.sees('three');
    expect((await bob.texts()).slice(-3)).toEqual(['one', 'two', 'three']);
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('two messages that change places: the earlier one is refused', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const first = seqAfter(await newestEntry(stage.world, conversation));
    bob.goesOffline();
    await alice.says('first');
    await alice.says('second');
    await alice.seesState('second', 'sent');
    tamperEntries(proxy, (entries) => {
      const [one, two] = [first, first + 1].map((seq) => entries.find((entry) => entry.seq === seq));
      if (!one || !two) return entries;
      const rest = entries.filter((entry) => entry !== one && entry !== two);
      return [...rest, { ...two, seq: one.seq }, { ...one, seq: two.seq }];
    });
    await bob.comesBack();
    await bob.sees('second');
    await seesPlaceholder(bob, 'refused');
    expect(await bob.texts()).not.toContain('first');
  }, 120_000);

  test('two histories for two people: each learns of it by the other’s next word', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const first = seqAfter(await newestEntry(stage.world, conversation));
    bob.goesOffline();
    await alice.says('of alice');
    await alice.seesState('of alice', 'sent');
    const ofAlice = await newestEntry(stage.world, conversation);
    // Bob is told that his own message came first.
    const swap = { [first]: seqAfter({ seq: first }), [first + 1]: first };
    const swapAnswer = (answer: AppendAnswer): AppendAnswer => ({
      ...answer,
      results: answer.results.map((result) =>
        result.status === 'stored' ? { ...result, seq: swap[result.seq] ?? result.seq } : result,
      ),
    });
    tamperEntries(proxy, (entries) =>
      entries
        .filter(({ seq }) => seq !== first)
        .map((entry) => (entry.seq === first + 1 ? { ...ofAlice, seq: entry.seq } : entry)),
    );
    proxy.onAck(appendFrame, (ack) => [swapAnswer(ack)]);
    const stopHeads = tamperHeads(proxy, (synced) => ({ ...synced, head: (first - 1) as typeof first }));
    await bob.comesBack();
    await bob.says('of bob');
    await bob.seesState('of bob', 'sent');
    stopHeads();
    await bob.reload();
    await bob.sees('of alice');
    expect((await bob.texts()).slice(-2)).toEqual(['of bob', 'of alice']);
    await alice.sees('of bob');
    expect((await alice.texts()).slice(-2)).toEqual(['of alice', 'of bob']);
    await alice.says('a word that names what came before');
    expect(await seesTheLie(bob)).toContain('head hash');
  }, 120_000);
});

describe('what isn’t so', () => {
  test('a head far above the log disturbs nothing', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    tamperHeads(proxy, (synced) => ({ ...synced, head: seqAfter({ seq: synced.head }, 1_000_000) }));
    proxy.push(headFrame, { timeline: 1, conversation, seq: 2_000_000 });
    await bob.reload();
    await alice.says('still here');
    await bob.sees('still here');
    await bob.says('so am I');
    await alice.sees('so am I');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 120_000);

  test('a log that is complete up to the last number that there is: what comes is read, and the lie shows', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const last = Number.MAX_SAFE_INTEGER as Seq;
    tamperHeads(proxy, (synced) => ({ ...synced, head: last }));
    proxy.onAnswer(fetchMessages, (answer) => ({
      ...answer,
      pages: answer.pages.map((page) =>
        page.status === 'ok' ? { ...page, head: last, through: last } : page,
      ),
    }));
    const asked = proxy.answersOf(fetchMessages).length;
    await bob.reload();
    await bob.waitFor(
      () => Promise.resolve(proxy.answersOf(fetchMessages).length > asked ? true : undefined),
      'the false page',
    );
    await bob.waitFor(
      async () => ((await bob.onlyChat()).goneAt === null ? undefined : true),
      'what the page claims',
    );
    proxy.repent();
    await alice.says('read after all');
    expect(await seesTheLie(bob)).toContain('the log ends at');
    await bob.sees('read after all');
  }, 120_000);

  test('a message of another conversation opens nowhere', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const carol = await stage.friend('carol');
    await carol.chatWith(bob);
    await bob.hearsFrom(carol);
    await carol.says('for the other chat');
    await bob.sees('for the other chat');
    const other = (await carol.onlyChat()).id;
    const foreign = await newestEntry(stage.world, other);
    tamperEntries(proxy, (entries, id) =>
      entries.map((entry) => (id === conversation ? { ...foreign, seq: entry.seq } : entry)),
    );
    await alice.says('in its place');
    await bob.waitFor(async () => {
      const { messages } = await bob.engine.messages({ conversation, limit: 10 });
      return messages.find(({ content }) => content.kind === 'undecryptable');
    }, 'a placeholder');
    const { messages } = await bob.engine.messages({ conversation, limit: 10 });
    expect(JSON.stringify(messages)).not.toContain('for the other chat');
  }, 120_000);

  test('changed bytes, or a false uploader, show a placeholder and nothing else', async () => {
    const { alice, bob, proxy } = await stage.pair();
    const { deviceId: bobsDevice } = await accountOf(bob);
    const stranger = crypto.randomUUID() as LogEntry['device'];
    // By place: an entry that is pushed may be fetched as well.
    const said: Seq[] = [];
    tamperEntries(proxy, (entries) =>
      entries.map((entry) => {
        if (entry.device === bobsDevice) return entry;
        if (!said.includes(entry.seq)) said.push(entry.seq);
        const [changed, ofAFalseDevice] = said;
        if (entry.seq === changed) return { ...entry, body: flipLast(entry.body) };
        if (entry.seq !== ofAFalseDevice) return entry;
        return { ...entry, device: stranger };
      }),
    );
    await alice.says('changed');
    await seesPlaceholder(bob, 'key-gone');
    await alice.says('of a false device');
    await seesPlaceholder(bob, 'refused');
    await alice.says('as it was');
    await bob.sees('as it was');
    expect((await bob.texts()).slice(2)).toEqual(['as it was']);
  }, 120_000);

  test('a message in this device’s name, of a counter that it never used: its keys are destroyed, its history stays', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const { deviceId: device, userId: user } = await accountOf(bob);
    for (const text of ['one', 'two', 'three', 'four', 'five']) await alice.says(text);
    await bob.sees('five');
    const entry = await newestEntry(stage.world, conversation);
    const forged = { ...entry, seq: seqAfter(entry), device, user };
    const isNoticed = rollBack(bob);
    proxy.push(entriesFrame, { timeline: 1, conversation, entries: [forged] });
    await isNoticed;
    expect(await bob.texts()).toEqual(expect.arrayContaining(['hi', 'hi yourself', 'five']));
  }, 120_000);

  test('a counter of this device beyond its own: the same', async () => {
    const { bob, proxy, conversation } = await stage.pair();
    const synced = proxy.framesOf(syncedFrame).at(-1);
    if (synced === undefined) throw new Error('bob has never been connected');
    const head = (await newestEntry(stage.world, conversation)).seq;
    const lie = { id: conversation, head, newestCommitSeq: head, lastN: 1000, timeline: 1 };
    const isNoticed = rollBack(bob);
    proxy.push(syncedFrame, { ...synced, conversations: [lie] });
    await isNoticed;
    expect(await bob.texts()).toEqual(expect.arrayContaining(['hi', 'hi yourself']));
  }, 120_000);
});

/** The engine takes its store for an old copy, if only until the others have let it back in. */
function rollBack(person: Person): Promise<true> {
  let isTold = false;
  person.engine.on((event) => {
    if (event.type === 'conversationChanged') isTold ||= event.conversation.hold?.kind === 'rolled-back';
  });
  return person.waitFor(
    async () => isTold || (await person.onlyChat()).hold?.kind === 'rolled-back' || undefined,
    'the hold',
  );
}

async function accountOf(person: Person) {
  const start = await person.engine.start();
  if (start.kind !== 'signed-in') throw new Error(`${person.name} is ${start.kind}`);
  return start.account;
}

function flipLast(body: string): string {
  const bytes = decodeBase64url(body);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return encodeBase64url(bytes);
}
