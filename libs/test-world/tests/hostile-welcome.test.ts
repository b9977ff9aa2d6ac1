import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  beginConversation,
  verifyDeviceList,
  type ListedDevices,
  type OwnDevice,
  type PendingCommit,
} from '@wisp/e2ee';
import {
  commitId as commitIdSchema,
  conversationId as conversationIdSchema,
  createConversation,
  decodeBase64url,
  deleteWelcome,
  encodeBase64url,
  entriesFrame,
  getParameters,
  listWelcomes,
  seq as seqSchema,
  syncedFrame,
  uploadKeyPackages,
  username as usernameSchema,
  welcomeFrame,
  type ConversationId,
  type ResponseOf,
  type ServerId,
} from '@wisp/protocol';
import type { HostileProxy, Person } from '../src/index.js';
import { installImpostor, makeImpostor, type Impostor } from './hostile/impostor.js';
import { ownerOf } from './hostile/owner.js';
import { openStage, type Stage } from './hostile/stage.js';
import { newestEntry, seesTheLie, seqAfter } from './hostile/tamper.js';

/* A server that lets somebody into a conversation, or says that it did. */

type Waiting = ResponseOf<typeof listWelcomes>['welcomes'][number];

const ZEROS = new Uint8Array(32);

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

/** The server goes on to list this, whatever else waits. */
function offer(proxy: HostileProxy, ...welcomes: Waiting[]): void {
  const dropped = new Set<string>();
  proxy.onRequest(deleteWelcome, ({ params }) => {
    if (!welcomes.some(({ id }) => id === params['welcome'])) return undefined;
    dropped.add(params['welcome'] ?? '');
    return { kind: 'text', status: 204, contentType: 'text/plain', text: '' };
  });
  proxy.onAnswer(listWelcomes, (answer) => ({
    welcomes: [...welcomes.filter(({ id }) => !dropped.has(id)), ...answer.welcomes],
  }));
}

/** Rings, and waits until the engine has dropped what waited. */
async function isOffered(bob: Person, proxy: HostileProxy, welcomes: Waiting[]): Promise<void> {
  offer(proxy, ...welcomes);
  const asked = proxy.answersOf(listWelcomes).length;
  proxy.push(welcomeFrame, { conversation: welcomes[0]?.conversation ?? newConversation() });
  // Once more after the last one was dropped.
  await bob.waitFor(
    () => Promise.resolve(proxy.answersOf(listWelcomes).length >= asked + 2 ? true : undefined),
    'the Welcomes to be judged',
  );
}

const newConversation = (): ConversationId => conversationIdSchema.parse(crypto.randomUUID());

const again = (waiting: Waiting): Waiting => ({ ...waiting, id: crypto.randomUUID() });

/** The Welcome by which somebody joined, as the server had it. */
function joinedBy(proxy: HostileProxy): Waiting {
  const welcome = proxy.answersOf(listWelcomes).flatMap(({ answer }) => answer.welcomes)[0];
  if (welcome === undefined) throw new Error('no Welcome has come by');
  return welcome;
}

/** A conversation that an impostor begins with somebody whose KeyPackage the server holds. */
async function beginsWith(
  bob: Person,
  proxy: HostileProxy,
  begun: { impostor: Impostor; serverId: ServerId; conversation: ConversationId },
): Promise<PendingCommit> {
  const { impostor, serverId } = begun;
  const [upload] = proxy.answersOf(uploadKeyPackages);
  const { keyPackages } = uploadKeyPackages.body.parse(upload?.asked.body);
  const listOf = async (statement: Uint8Array, userId: OwnDevice['userId']): Promise<ListedDevices> => {
    const verdict = await verifyDeviceList(statement, { serverId, userId });
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    return verdict.list;
  };
  const bobs = await (await ownerOf(bob, stage.world.url)).newest();
  const outcome = await beginConversation({
    me: impostor.device,
    now: Date.now(),
    conversationId: begun.conversation,
    incarnation: 1,
    kind: 'direct',
    people: [
      {
        userId: impostor.userId,
        role: 4,
        deviceList: await listOf(impostor.deviceList, impostor.userId),
      },
      { userId: bobs.userId, role: 4, deviceList: bobs },
    ],
    keyPackages: [decodeBase64url(keyPackages.at(-1)?.keyPackage ?? '')],
    settings: {
      timer: { mode: 'none', ttl: 0 },
      title: '',
      about: '',
      whoMayAdd: 4,
      whoMayEdit: 4,
      whoMayPost: 1,
    },
    lastCommitSeq: seqSchema.parse(0),
    head: { seq: seqSchema.parse(0), hash: ZEROS },
  });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.pending;
}

function serverIdOf(proxy: HostileProxy): ServerId {
  const [first] = proxy.answersOf(getParameters);
  if (first === undefined) throw new Error('nobody has registered');
  return first.answer.serverId;
}

function newestSynced(proxy: HostileProxy) {
  const newest = proxy.framesOf(syncedFrame).at(-1);
  if (newest === undefined) throw new Error('nobody has connected');
  return newest;
}

describe('a Welcome', () => {
  test('that was used before opens nothing: not again, not elsewhere, not after the server says that one has left', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const used = joinedBy(proxy);
    const elsewhere = newConversation();
    await isOffered(bob, proxy, [again(used), { ...again(used), conversation: elsewhere }]);
    expect((await bob.engine.conversations()).map(({ id }) => id)).toEqual([conversation]);
    await alice.says('on the same keys');
    await bob.sees('on the same keys');
    await bob.says('both ways');
    await alice.sees('both ways');

    const before = await bob.texts();
    proxy.push(syncedFrame, {
      ...newestSynced(proxy),
      left: [{ id: conversation, seq: (await newestEntry(stage.world, conversation)).seq }],
    });
    await bob.waitFor(
      async () => ((await bob.onlyChat()).hold?.kind === 'left' ? true : undefined),
      'the hold',
    );
    await isOffered(bob, proxy, [again(used)]);
    expect((await bob.engine.conversations()).map(({ id, hold }) => [id, hold?.kind])).toEqual([
      [conversation, 'left'],
    ]);
    expect(await bob.texts()).toEqual(before);
  }, 120_000);

  test('that is forged is dropped, and the right one still works after it', async () => {
    const { person: bob, proxy } = await stage.victim('bob');
    const alice = await stage.friend('alice');
    proxy.onAnswer(listWelcomes, ({ welcomes: [right, ...more] }) => {
      if (right === undefined) return { welcomes: [] };
      const bytes = decodeBase64url(right.welcome);
      const forged = [
        bytes.map((byte, i) => (i === bytes.length - 20 ? byte ^ 1 : byte)),
        bytes.subarray(0, bytes.length - 1),
        new Uint8Array(500).fill(3),
      ].map((welcome) => ({ ...again(right), welcome: encodeBase64url(welcome) }));
      const elsewhere = { ...again(right), conversation: newConversation() };
      return { welcomes: [...forged, elsewhere, right, ...more] };
    });
    await alice.chatWith(bob);
    const conversation = await bob.hearsFrom(alice);
    await alice.says('in the right one');
    await bob.sees('in the right one');
    expect((await bob.engine.conversations()).map(({ id }) => id)).toEqual([conversation]);
  }, 120_000);

  test('with a false hash of where the log stands: the peer learns of it by the newcomer’s first message', async () => {
    const { person: bob, proxy } = await stage.victim('bob');
    const alice = await stage.friend('alice');
    const hash = encodeBase64url(new Uint8Array(32).fill(9));
    proxy.onAnswer(listWelcomes, ({ welcomes }) => ({
      welcomes: welcomes.map((waiting) => ({ ...waiting, hash })),
    }));
    await alice.chatWith(bob);
    await bob.hearsFrom(alice);
    await bob.says('after the silent one');
    expect(await seesTheLie(alice)).toContain('head hash');
  }, 120_000);

  test('with a false place in the log: the newcomer learns of it by the log', async () => {
    const { person: bob, proxy } = await stage.victim('bob');
    const alice = await stage.friend('alice');
    proxy.onAnswer(listWelcomes, ({ welcomes }) => ({
      welcomes: welcomes.map((waiting) => ({ ...waiting, seq: seqAfter(waiting, 100) })),
    }));
    await alice.chatWith(bob);
    await bob.hearsFrom(alice);
    for (const text of ['below what bob is', 'said to have read']) {
      await alice.says(text);
      await alice.seesState(text, 'sent');
      await bob.reload();
    }
    expect(await seesTheLie(bob)).toContain('the log ends at');
  }, 120_000);

  test('of somebody under Alice’s name is a stranger’s: another chat, unverified, beside the one with Alice', async () => {
    const { alice, bob, proxy, conversation } = await stage.pair();
    const aliceId = await alice.userId();
    await bob.engine.setVerified({ userId: aliceId, verified: true });
    const serverId = serverIdOf(proxy);
    const impostor = await makeImpostor(serverId, usernameSchema.parse(alice.name));
    const strange = newConversation();
    const { welcome, commitId } = await beginsWith(bob, proxy, {
      impostor,
      serverId,
      conversation: strange,
    });
    installImpostor(proxy, impostor);
    const { deviceId } = joinedBy(proxy).from;
    await isOffered(bob, proxy, [
      {
        id: crypto.randomUUID(),
        conversation: strange,
        commitId: commitIdSchema.parse(commitId),
        seq: seqSchema.parse(1),
        hash: encodeBase64url(ZEROS),
        welcome: encodeBase64url(welcome ?? ZEROS),
        from: { userId: aliceId, deviceId },
      },
    ]);
    const chats = await bob.engine.conversations();
    const peers = chats.map(({ id, peer }) => [id, peer?.userId, peer?.verified]);
    expect(peers).toContainEqual([conversation, aliceId, true]);
    expect(peers).toContainEqual([strange, impostor.userId, false]);
    const numbers = await Promise.all(
      [aliceId, impostor.userId].map((user) => bob.engine.safetyNumber(user)),
    );
    expect(numbers[0]?.digits).not.toBe(numbers[1]?.digits);
  }, 120_000);
});

test('a commit that lets a ghost in is skipped: nobody is added, and what it displaced is missed', async () => {
  const { alice, bob, proxy, conversation } = await stage.pair();
  const serverId = serverIdOf(proxy);
  const impostor = await makeImpostor(serverId, usernameSchema.parse('ghost'));
  const { bytes } = await beginsWith(bob, proxy, { impostor, serverId, conversation });
  const entry = await newestEntry(stage.world, conversation);
  const forged = {
    ...entry,
    kind: 'commit' as const,
    seq: seqAfter(entry),
    user: impostor.userId,
    device: impostor.device.deviceId,
    body: encodeBase64url(bytes),
  };
  proxy.push(entriesFrame, { timeline: 1, conversation, entries: [forged] });
  // Its place is another entry's in truth, which is missed as soon as something comes after it.
  await alice.says('at the same place');
  await alice.says('still between us');
  await bob.sees('still between us');
  await seesTheLie(bob);
  const { members } = await bob.onlyChat();
  expect(members.map(({ username }) => username).sort()).toEqual([alice.name, bob.name].sort());
  expect(proxy.answersOf(createConversation)).toEqual([]);
}, 120_000);
