import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConversationView, MessageView } from '@wisp/client';
import { randomInt } from 'node:crypto';
import pg from 'pg';
import { openWorld, type Person, type World } from '../src/index.js';

/* Somebody lost everything and comes back under the same name with new keys; or the server says so. */

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The server lets go of a name that somebody has. */
async function freeName(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    const former = `before-${randomInt(2 ** 40)}`;
    await client.query('update auth.accounts set username = $2 where username = $1', [name, former]);
  } finally {
    await client.end();
  }
}

async function startOver(person: Person): Promise<Person> {
  await freeName(person.name);
  return world.person(person.name);
}

/** The chat with exactly this person, whoever else has their name. */
async function chatBetween(one: Person, other: Person): Promise<ConversationView> {
  const otherId = await other.userId();
  return one.waitFor(
    async () => (await one.engine.conversations()).find(({ peer }) => peer?.userId === otherId),
    `the chat with the new ${other.name}`,
  );
}

async function messagesIn(person: Person, { id }: ConversationView): Promise<MessageView[]> {
  return (await person.engine.messages({ conversation: id, limit: 100 })).messages;
}
const noticesIn = async (person: Person, chat: ConversationView) =>
  (await messagesIn(person, chat)).flatMap(({ content }) =>
    content.kind === 'notice' ? [content.notice] : [],
  );
const textsIn = async (person: Person, chat: ConversationView) =>
  (await messagesIn(person, chat)).flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));

test('somebody verified: sending is held in the new chat until the user goes on', async () => {
  const [alice, bob] = [await world.person('alice'), await world.person('bob')];
  await bob.chatWith(alice);
  await alice.hearsFrom(bob);
  const oldChat = await chatBetween(bob, alice);
  await bob.engine.setVerified({ userId: await alice.userId(), verified: true });

  const again = await startOver(alice);
  const userId = await again.userId();
  expect(await bob.engine.findUser('alice')).toMatchObject({ userId, verified: false });
  const id = await bob.engine.startDirect(userId);
  const chat = await chatBetween(bob, again);
  expect(chat).toMatchObject({ id, hold: { kind: 'identity-changed', userId } });
  expect(await noticesIn(bob, chat)).toEqual([{ kind: 'started-over', userId, verified: true }]);
  await expect(bob.engine.send({ conversation: id, text: 'too soon' })).rejects.toMatchObject({
    code: 'held',
  });
  // What comes is accepted: a hold is for what this user sends.
  const theirs = await chatBetween(again, bob);
  await again.engine.send({ conversation: theirs.id, text: 'it is me' });
  await bob.waitFor(
    async () => ((await textsIn(bob, chat)).includes('it is me') ? true : undefined),
    'what the new one says',
  );

  await bob.reload();
  expect(await chatBetween(bob, again)).toMatchObject({ hold: { kind: 'identity-changed', userId } });
  await bob.engine.releaseHold({ conversation: id });
  await bob.engine.send({ conversation: id, text: 'welcome back' });
  await again.waitFor(
    async () => ((await textsIn(again, theirs)).includes('welcome back') ? true : undefined),
    'the answer',
  );
  await bob.reload();
  expect(await chatBetween(bob, again)).toMatchObject({ hold: null });
  expect(await noticesIn(bob, chat)).toHaveLength(1);
  // The chat with whom the name was before stands untouched.
  expect(await chatBetween(bob, alice)).toMatchObject({ id: oldChat.id, peer: { verified: true } });
}, 120_000);

test('who writes first under the name of somebody verified is held as well', async () => {
  const [carol, dave] = [await world.person('carol'), await world.person('dave')];
  await carol.engine.findUser('dave');
  await carol.engine.setVerified({ userId: await dave.userId(), verified: true });
  const again = await startOver(dave);
  const userId = await again.userId();
  await again.chatWith(carol);
  const chat = await chatBetween(carol, again);
  expect(chat.hold).toEqual({ kind: 'identity-changed', userId });
  expect(await noticesIn(carol, chat)).toEqual([{ kind: 'started-over', userId, verified: true }]);
  // To the one who starts anew, Carol is nobody new.
  expect(await chatBetween(again, carol)).toMatchObject({ hold: null });
}, 120_000);

test('somebody known and not verified: it is said, and nothing is held', async () => {
  const [erin, frank] = [await world.person('erin'), await world.person('frank')];
  await erin.engine.findUser('frank');
  const again = await startOver(frank);
  const userId = await again.userId();
  await erin.chatWith(again);
  const chat = await chatBetween(erin, again);
  expect(chat.hold).toBeNull();
  expect(await noticesIn(erin, chat)).toEqual([{ kind: 'started-over', userId, verified: false }]);
}, 120_000);

test('twice, with nobody verified between: the first verification still counts', async () => {
  const [grace, heidi] = [await world.person('grace'), await world.person('heidi')];
  await grace.engine.findUser('heidi');
  await grace.engine.setVerified({ userId: await heidi.userId(), verified: true });
  const second = await startOver(heidi);
  await grace.engine.findUser('heidi');
  expect(await grace.engine.findUser('heidi')).toMatchObject({ userId: await second.userId() });
  const third = await startOver(second);
  await grace.chatWith(third);
  expect(await chatBetween(grace, third)).toMatchObject({ hold: { kind: 'identity-changed' } });
}, 120_000);
