import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { countMessages, lookForText, openWorld, type Person, type World } from '../src/index.js';

let world: World;
let alice: Person;
let bob: Person;
let turn = 0;

beforeAll(async () => {
  world = await openWorld();
  [alice, bob] = [await world.person('alice'), await world.person('bob')];
  await alice.chatWith(bob);
  await bob.hearsFrom(alice);
}, 120_000);

afterAll(() => world.close());

beforeEach(() => {
  turn += 1;
});

const fresh = (text: string) => `${text} ${turn}`;

describe('a conversation', () => {
  test('keeps the order of each side, and both sides agree', async () => {
    const said = Array.from({ length: 20 }, (_, i) => fresh(`line ${i}`));
    for (const [i, text] of said.entries()) await (i % 2 === 0 ? alice : bob).says(text);
    for (const text of said) {
      await alice.sees(text);
      await bob.sees(text);
    }
    expect(await alice.texts()).toEqual(await bob.texts());
    const ofAlice = said.filter((_, i) => i % 2 === 0);
    expect((await bob.texts()).filter((text) => ofAlice.includes(text))).toEqual(ofAlice);
  });

  test('shows how far a message has come', async () => {
    const text = fresh('how far');
    await alice.says(text);
    await bob.sees(text);
    await alice.seesState(text, 'delivered');
    await bob.looks();
    await alice.seesState(text, 'read');
    expect((await bob.onlyChat()).unread).toBe(0);
  });

  test('an edit changes the words on both sides', async () => {
    const message = await alice.says(fresh('teh words'));
    await alice.seesState(fresh('teh words'), 'sent');
    await bob.sees(fresh('teh words'));
    await alice.engine.edit({
      conversation: message.conversation,
      key: message.key,
      text: fresh('the words'),
    });
    await bob.sees(fresh('the words'));
    expect(await bob.texts()).not.toContain(fresh('teh words'));
  });

  test('delete for everyone takes it from both devices and from the server', async () => {
    const message = await alice.says(fresh('a slip'));
    await alice.seesState(fresh('a slip'), 'sent');
    await bob.sees(fresh('a slip'));
    const before = await countMessages(world.databaseUrl);
    await alice.engine.deleteForEveryone({ conversation: message.conversation, key: message.key });
    await bob.seesNoMore(fresh('a slip'));
    expect((await bob.read()).some(({ content }) => content.kind === 'deleted')).toBe(true);
    // The delete itself is an entry; the slip is none any more.
    await alice.waitFor(
      async () => ((await countMessages(world.databaseUrl)) <= before ? true : undefined),
      'the server to delete',
    );
  });

  test('a chat timer is set for both, and named', async () => {
    const { id } = await alice.onlyChat();
    await alice.engine.setTimer({ conversation: id, timer: { mode: 'afterRead', ttlSeconds: 3600 } });
    const isSet = async (who: Person) =>
      (await who.onlyChat()).timer.mode === 'afterRead' ? true : undefined;
    await alice.waitFor(() => isSet(alice), 'the timer');
    await bob.waitFor(() => isSet(bob), 'the timer');
    const notice = (await bob.read()).findLast(({ content }) => content.kind === 'notice');
    expect(notice?.content).toMatchObject({ notice: { kind: 'timer-changed', timer: { ttlSeconds: 3600 } } });
    const notices = async () => (await bob.read()).filter(({ content }) => content.kind === 'notice').length;
    const said = await notices();
    // The one that stands already: nothing happens.
    await bob.engine.setTimer({ conversation: id, timer: { mode: 'afterRead', ttlSeconds: 3600 } });
    const message = await bob.says(fresh('under the timer'));
    expect(await notices()).toBe(said);
    expect(message.clock.kind).toBe('waiting');
    await bob.engine.setTimer({ conversation: id, timer: { mode: 'off' } });
    await alice.waitFor(
      async () => ((await alice.onlyChat()).timer.mode === 'off' ? true : undefined),
      'no timer',
    );
  });
});

describe('nothing is lost', () => {
  test('of a draft: every face hears of it, and it stands over a reload until it is sent', async () => {
    const { id: conversation } = await alice.onlyChat();
    const heard: string[] = [];
    const stop = alice.engine.on((event) => {
      if (event.type === 'conversationChanged') heard.push(event.conversation.draft);
    });
    await alice.engine.saveDraft({ conversation, text: 'not yet' });
    stop();
    expect(heard.at(-1)).toBe('not yet');
    await alice.reload();
    expect((await alice.onlyChat()).draft).toBe('not yet');
    await alice.says(fresh('not yet'));
    expect((await alice.onlyChat()).draft).toBe('');
  });

  test('over a reload right after Enter', async () => {
    const text = fresh('sent and gone');
    await alice.says(text);
    await alice.reload();
    await bob.sees(text);
    await alice.seesState(text, 'sent');
    expect((await bob.texts()).filter((one) => one === text)).toHaveLength(1);
  });

  test('over a cut of both lines', async () => {
    alice.goesOffline();
    bob.goesOffline();
    await alice.says(fresh('from the train'));
    await bob.says(fresh('from the cellar'));
    await alice.comesBack();
    await bob.comesBack();
    await bob.sees(fresh('from the train'));
    await alice.sees(fresh('from the cellar'));
    await alice.seesState(fresh('from the train'), 'sent');
    expect(await alice.texts()).toEqual(await bob.texts());
  });

  test('over a sign-out that keeps the store: the same device goes on', async () => {
    const before = await bob.engine.start();
    await bob.engine.signOut({ store: 'keep' });
    await alice.says(fresh('while you were out'));
    await bob.engine.signIn({ username: 'bob', secret: { kind: 'password', text: bob.password } });
    await bob.sees(fresh('while you were out'));
    expect(await bob.engine.start()).toEqual(before);
  });

  test('with the recovery words in place of the password', async () => {
    await bob.engine.signOut({ store: 'keep' });
    await bob.engine.signIn({
      username: 'bob',
      secret: { kind: 'recovery', text: bob.recoveryWords.join(' ') },
    });
    await alice.says(fresh('by twelve words'));
    await bob.sees(fresh('by twelve words'));
  });
});

describe('what is past its time', () => {
  const CANARY = 'canary-9f2c61';

  test('after send: is on no device and in no table', async () => {
    await alice.says(`${CANARY} one`, { timer: { mode: 'afterSend', ttlSeconds: 5 } });
    await bob.sees(`${CANARY} one`);
    await bob.seesNoMore(`${CANARY} one`);
    await alice.seesNoMore(`${CANARY} one`);
    expect(await lookForText(world.databaseUrl, CANARY)).toEqual([]);
  });

  test('after read: the reader’s clock starts at the first look', async () => {
    await alice.says(`${CANARY} two`, { timer: { mode: 'afterRead', ttlSeconds: 5 } });
    const received = await bob.sees(`${CANARY} two`);
    expect(received.clock.kind).toBe('waiting');
    await alice.seesNoMore(`${CANARY} two`);
    expect(await bob.texts()).toContain(`${CANARY} two`);
    await bob.looks();
    await bob.seesNoMore(`${CANARY} two`);
  });

  test('a device that was offline never shows it', async () => {
    bob.goesOffline();
    await alice.says(`${CANARY} three`, { timer: { mode: 'afterSend', ttlSeconds: 5 } });
    await alice.seesState(`${CANARY} three`, 'sent');
    await alice.seesNoMore(`${CANARY} three`);
    await bob.comesBack();
    await alice.says(fresh('a mark'));
    await bob.sees(fresh('a mark'));
    expect(await bob.texts()).not.toContain(`${CANARY} three`);
    expect((await bob.onlyChat()).hold).toBeNull();
  });

  test('a wall clock that is off by a day changes nothing', async () => {
    bob.clock.setWrong(24 * 60 * 60 * 1000);
    await alice.says(`${CANARY} four`, { timer: { mode: 'afterSend', ttlSeconds: 5 } });
    await bob.sees(`${CANARY} four`);
    await bob.seesNoMore(`${CANARY} four`);
    bob.clock.setWrong(0);
    // What a device takes over into its next life is the difference that its last sync found.
    await bob.reload();
    await bob.getsOnline();
  });

  test('a device that slept past the deadline has nothing to show when it starts', async () => {
    await alice.says(`${CANARY} five`, { timer: { mode: 'afterSend', ttlSeconds: 60 } });
    await bob.sees(`${CANARY} five`);
    bob.goesOffline();
    await bob.engine.close();
    bob.clock.advance(61_000);
    await bob.reload();
    expect(await bob.texts()).not.toContain(`${CANARY} five`);
    await bob.comesBack();
  });
});

describe('beginnings', () => {
  test('two who write to each other at the same moment end in one conversation', async () => {
    const [cara, dan] = [await world.person('cara'), await world.person('dan')];
    await Promise.allSettled([cara.chatWith(dan), dan.chatWith(cara)]);
    await cara.hearsFrom(dan);
    await dan.hearsFrom(cara);
    await cara.says('one');
    await dan.sees('one');
    await dan.says('two');
    await cara.sees('two');
    expect((await cara.engine.conversations()).map(({ id }) => id)).toEqual(
      (await dan.engine.conversations()).map(({ id }) => id),
    );
  }, 120_000);

  test('who deletes their account is seen to have', async () => {
    const [eve, fay] = [await world.person('eve'), await world.person('fay')];
    await eve.chatWith(fay);
    await fay.hearsFrom(eve);
    await eve.says('farewell');
    await fay.sees('farewell');
    await eve.engine.deleteAccount({ password: eve.password });
    await fay.waitFor(
      async () => ((await fay.onlyChat()).hold?.kind === 'peer-deleted-account' ? true : undefined),
      'the news',
    );
    await expect(fay.says('too late')).rejects.toMatchObject({ code: 'held' });
  }, 120_000);
});
