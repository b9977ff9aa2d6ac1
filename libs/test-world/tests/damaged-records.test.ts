import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type Person, type World } from '../src/index.js';
import { areOnce, openTrio, type Chat, type Trio } from './repair/two-chats.js';
import { spoilRecords } from './repair/stored-sessions.js';

/* One record of a device's store, or all of a kind, doesn't open any more: the engine does, and people chat on. */

let world: World;
let friends: Pick<Trio, 'alice' | 'carol'>;

beforeAll(async () => {
  world = await openWorld();
  friends = { alice: await world.person('alice'), carol: await world.person('carol') };
}, 60_000);

afterAll(async () => {
  await world.close();
});

/** Bob's device is switched off with something of everything in it; then a part of it is spoilt. */
async function spoil(trio: Trio, collection: string, which: 'one' | 'every'): Promise<void> {
  const { bob, withAlice } = trio;
  const timer = { mode: 'afterSend', ttlSeconds: 7200 } as const;
  await withAlice.says(trio.alice, 'dies in time', { timer });
  await withAlice.sees(bob, 'dies in time');
  bob.goesOffline();
  await withAlice.says(bob, 'waits');
  await bob.engine.setTimer({ conversation: withAlice.id, timer: { mode: 'afterSend', ttlSeconds: 86_400 } });
  await bob.engine.close();
  expect(await spoilRecords(bob, collection, { which, about: withAlice.id })).toBeGreaterThan(0);
  await withAlice.says(trio.alice, 'meanwhile');
  await bob.reload();
}

async function chatsOn({ alice, bob, carol, withAlice, withCarol }: Trio): Promise<void> {
  // He speaks first: what comes before a damage is found can't be opened any more.
  await withCarol.talk('after', bob, carol);
  await withAlice.talk('after', bob, alice);
}

const stateOf = async (who: Person, chat: Chat, text: string) =>
  (await chat.read(who)).find(({ content }) => content.kind === 'text' && content.text === text)?.state?.kind;

describe.each(['one', 'every'] as const)('%s record spoilt', (which) => {
  test.each([
    'conversations',
    'sessions',
    'messages',
    'places',
    'outbox',
    'pending-commits',
    'hashes',
    'deadlines',
    'sync',
    'contacts',
    'device-lists',
    'key-packages',
  ])(
    'of %s: both chats go on, and nothing stands twice or under another name',
    async (collection) => {
      const trio = await openTrio(world, friends);
      const { alice, bob, carol, withAlice, withCarol } = trio;
      await spoil(trio, collection, which);
      expect(await bob.engine.conversations()).toHaveLength(2);
      for (const chat of [withAlice, withCarol]) await chat.read(bob);
      await bob.comesBack();
      await chatsOn(trio);
      for (const [chat, who] of [
        [withAlice, alice],
        [withAlice, bob],
        [withCarol, carol],
        [withCarol, bob],
      ] as const)
        areOnce(await chat.read(who));
      // It has gone out, or says that it hasn't.
      expect(['sent', 'delivered', 'read', 'failed']).toContain(await stateOf(bob, withAlice, 'waits'));
    },
    120_000,
  );
});

describe('what is lost, and what isn’t', () => {
  test('with a conversation’s record: nothing that stood there', async () => {
    const trio = await openTrio(world, friends);
    const { alice, bob, withAlice } = trio;
    const before = await withAlice.texts(bob);
    await spoil(trio, 'conversations', 'every');
    expect(await withAlice.texts(bob)).toEqual([...before, 'dies in time', 'waits']);
    await bob.comesBack();
    await chatsOn(trio);
    await withAlice.sees(alice, 'waits');
    // The keys were sound: what came meanwhile opens.
    await withAlice.sees(bob, 'meanwhile');
  }, 120_000);

  test('with a conversation’s record and its keys: the next incarnation leads on', async () => {
    const trio = await openTrio(world, friends);
    const { alice, bob, withAlice } = trio;
    const before = await withAlice.texts(bob);
    bob.goesOffline();
    await bob.engine.close();
    await spoilRecords(bob, 'conversations', { which: 'one', about: withAlice.id });
    await spoilRecords(bob, 'sessions', { which: 'every', about: withAlice.id });
    await bob.reload();
    expect(await withAlice.texts(bob)).toEqual(before);
    await bob.comesBack();
    await chatsOn(trio);
    areOnce(await withAlice.read(alice));
    areOnce(await withAlice.read(bob));
    expect(await bob.engine.startDirect(await alice.userId())).toBe(withAlice.id);
  }, 120_000);

  test('a message that waited and is lost says so, and can be sent again', async () => {
    const trio = await openTrio(world, friends);
    const { alice, bob, withAlice } = trio;
    await spoil(trio, 'outbox', 'every');
    expect(await stateOf(bob, withAlice, 'waits')).toBe('failed');
    await bob.comesBack();
    await chatsOn(trio);
    const lost = await withAlice.sees(bob, 'waits');
    await bob.engine.sendAgain({ conversation: withAlice.id, key: lost.key });
    await withAlice.sees(alice, 'waits');
    areOnce(await withAlice.read(alice));
  }, 120_000);

  test('a deadline that is spoilt is kept', async () => {
    const trio = await openTrio(world, friends);
    const { bob, withAlice } = trio;
    await spoil(trio, 'deadlines', 'every');
    await bob.comesBack();
    await chatsOn(trio);
    expect(await withAlice.texts(bob)).toContain('dies in time');
    await world.timePasses(7200_000);
    await bob.waitFor(
      async () => ((await withAlice.texts(bob)).includes('dies in time') ? undefined : true),
      'the end of its time',
    );
  }, 120_000);

  test('who this device is: the engine says that its store is damaged', async () => {
    const { bob } = await openTrio(world, friends);
    await bob.engine.close();
    await spoilRecords(bob, 'account', { which: 'one', about: 'self' });
    await expect(bob.reload()).rejects.toMatchObject({ name: 'EngineError', code: 'store-damaged' });
  }, 120_000);
});
