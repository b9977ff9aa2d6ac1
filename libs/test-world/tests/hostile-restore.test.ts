import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { syncedFrame, type Seq, type SyncedConversation } from '@wisp/protocol';
import { openStage, type Stage } from './hostile/stage.js';
import { newestEntry, seesTheLie, tamperEntries } from './hostile/tamper.js';

/* A server that says it was restored, or that a log has places which it hasn't. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

type Lie = (truth: SyncedConversation) => SyncedConversation[];

const lies: Record<string, Lie> = {
  'whose log ends where it ended': (truth) => [{ ...truth, fork: 1 as Seq }],
  'whose log goes on for ever': (truth) => [{ ...truth, head: (2 ** 53 - 1) as Seq, fork: 1 as Seq }],
  'that has lost the conversation': () => [],
  'that has begun the conversation anew': (truth) => [truth],
};

for (const [name, lie] of Object.entries(lies)) {
  test(`a restore that never was, ${name}: what was said stays, once, on both sides`, async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    await alice.says('one');
    await bob.sees('one');
    await bob.says('two');
    await alice.sees('two');
    await bob.seesState('two', 'sent');
    const said = ['hi', 'hi yourself', 'one', 'two'];
    const synced = proxy.framesOf(syncedFrame).at(-1);
    if (synced === undefined) throw new Error('bob has never been connected');
    const head = (await newestEntry(stage.world, conversation)).seq;
    const truth = { id: conversation, head, newestCommitSeq: 1 as Seq, lastN: 3, timeline: 2 };
    proxy.push(syncedFrame, { ...synced, timeline: 2, conversations: lie(truth) });
    await bob.waitFor(
      async () => ((await bob.texts()).length === said.length ? true : undefined),
      'everything to stand',
    );
    await bob.reload();
    const texts = async () => (await bob.texts()).toSorted();
    expect(await texts()).toEqual(said.toSorted());
    await alice.says('after it');
    await alice.seesState('after it', 'sent');
    expect((await alice.texts()).toSorted()).toEqual([...said, 'after it'].toSorted());
  }, 120_000);
}

test('an entry at a place that no log has: the engine goes on, its store stays readable, and the truth tells', async () => {
  const { alice, bob, proxy } = await stage.pair();
  const last = (2 ** 53 - 1) as Seq;
  tamperEntries(proxy, (entries) => entries.map((entry) => ({ ...entry, seq: last })));
  await alice.says('out there');
  await alice.seesState('out there', 'sent');
  await bob.reload();
  await bob.sees('out there');
  await bob.reload();
  expect(await bob.texts()).toEqual(['hi', 'hi yourself', 'out there']);
  proxy.repent();
  await alice.says('down here');
  await alice.seesState('down here', 'sent');
  await bob.reload();
  expect(await seesTheLie(bob)).toContain('the log ends at');
}, 120_000);
