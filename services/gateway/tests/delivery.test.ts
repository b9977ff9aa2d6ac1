import { createBroker } from '@wisp/bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ackedFrame,
  appendFrame,
  deviceMissingFrame,
  devicesFrame,
  entriesFrame,
  headFrame,
  hintFrame,
  peerTypingFrame,
  PROTOCOL_VERSION,
  requestsFrame,
  syncedFrame,
  syncFrame,
  welcomeFrame,
  type ConversationId,
  type DeliveryItem,
  type SyncAnswer,
} from '@wisp/protocol';
import { Client } from './client.js';
import { newPerson, sealed, seqOf, type Person } from './messages.js';
import { connect, startWorld, type RunningGateway, type World } from './world.js';

let world: World;
let gateway: RunningGateway;
beforeAll(async () => {
  world = await startWorld();
  gateway = await world.startGateway();
});
afterAll(() => world.stop());

const join = (person: Person) => connect(gateway, world.auth.token(person));

async function say(
  client: Client,
  { conversation, n, lastCommitSeq = 1 }: { conversation: ConversationId; n: number; lastCommitSeq?: number },
) {
  const frame = { conversation, messages: [sealed({ n, lastCommitSeq })] };
  return appendFrame.ack.parse(await client.ask('append', frame));
}

const seqsSeen = (client: Client, conversation: ConversationId) =>
  client
    .payloads(entriesFrame)
    .filter((frame) => frame.conversation === conversation)
    .flatMap(({ entries }) => entries.map(({ seq }) => seq as number));

const seesEntry = (client: Client, conversation: ConversationId, seq: number) =>
  client.sees(
    entriesFrame,
    (frame) => frame.conversation === conversation && frame.entries.some((entry) => entry.seq === seq),
  );

/** Everything that the gateway had to say to this socket before now has been said. */
async function hasHeardAll(client: Client, person: Person): Promise<void> {
  const sign = newPerson().user;
  world.give({ kind: 'devices', user: sign, audience: [person.user] });
  await client.sees(devicesFrame, ({ user }) => user === sign);
}

describe('the log', () => {
  test('synced comes first, and says what waits', async () => {
    const { alice, conversation } = await world.duo();
    const client = await join(alice);
    expect(client.received[0]?.event).toBe(syncedFrame.event);
    expect(client.payloads(syncedFrame)[0]).toMatchObject({
      welcomes: 2,
      keyPackages: 7,
      retention: { messages: 86_400, commits: 86_400 },
      conversations: [{ id: conversation, head: 1, newestCommitSeq: 1, lastN: 0 }],
    });
    client.leave();
  });

  test('what one appends, the other members get, once and in order, and nobody else', async () => {
    const { alice, bob, conversation } = await world.duo();
    const carol = newPerson();
    const [a, b, b2, c] = await Promise.all([join(alice), join(bob), join(bob), join(carol)]);
    for (let n = 1; n <= 5; n += 1) {
      expect((await say(a, { conversation, n })).results).toEqual([
        { status: 'stored', seq: n + 1, acceptedAt: expect.any(Number) },
      ]);
    }
    for (const client of [b, b2]) {
      await seesEntry(client, conversation, 6);
      expect(seqsSeen(client, conversation)).toEqual([2, 3, 4, 5, 6]);
    }
    // Whoever sent them knows from the acknowledgement.
    await hasHeardAll(a, alice);
    await hasHeardAll(c, carol);
    for (const client of [a, c]) expect(client.payloads(entriesFrame)).toEqual([]);
    for (const client of [a, b, b2, c]) client.leave();
  });

  test('a repeated append is a duplicate and rings; a gap is told', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    const frame = { conversation, messages: [sealed({ n: 1 })] };
    await a.ask('append', frame);
    expect(await a.ask('append', frame)).toMatchObject({ results: [{ status: 'duplicate' }] });
    await b.sees(headFrame, ({ seq }) => seq === 2);
    expect((await say(a, { conversation, n: 7 })).results).toMatchObject([{ status: 'gap' }]);
    expect(seqsSeen(b, conversation)).toEqual([2]);
    for (const client of [a, b]) client.leave();
  });

  test('a mark of one device reaches the others', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    await say(a, { conversation, n: 1 });
    expect(await b.ask('ack', { conversation, seq: 2 })).toEqual({});
    const mark = await a.sees(ackedFrame, (one) => one.conversation === conversation);
    expect(mark).toEqual({ conversation, user: bob.user, device: bob.device, seq: 2 });
    await hasHeardAll(b, bob);
    expect(b.payloads(ackedFrame)).toEqual([]);
    for (const client of [a, b]) client.leave();
  });
});

describe('members come and go', () => {
  test('a removed device is sent nothing from the removal on, and may say nothing', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    await say(a, { conversation, n: 1 });
    await seesEntry(b, conversation, 2);
    expect(await b.ask('watch', { conversation })).toEqual({});
    await a.ask('typing', { conversation, on: true });
    await b.sees(peerTypingFrame);

    await world.commit(conversation, { ...alice, removes: [bob.device] });
    expect(await b.sees(hintFrame)).toEqual({ within: 0 });
    await seesEntry(a, conversation, 3);
    await say(a, { conversation, n: 2, lastCommitSeq: 3 });
    await a.ask('typing', { conversation, on: false });
    await hasHeardAll(b, bob);
    expect(seqsSeen(b, conversation)).toEqual([2]);
    expect(b.payloads(headFrame)).toEqual([]);
    expect(b.payloads(peerTypingFrame)).toEqual([{ conversation, user: alice.user, on: true }]);

    expect(await b.ask('typing', { conversation, on: true })).toEqual({ code: 'forbidden' });
    expect(await b.ask('watch', { conversation })).toEqual({ code: 'forbidden' });
    expect((await say(b, { conversation, n: 1, lastCommitSeq: 3 })).results).toEqual([
      { status: 'not-member' },
    ]);
    const synced = (await b.ask('sync', {})) as SyncAnswer;
    expect(syncFrame.ack.parse(synced).left).toEqual([{ id: conversation, seq: 3 }]);
    for (const client of [a, b]) client.leave();
  });

  test('an added device hears from the commit that adds it on', async () => {
    const { alice, bob, conversation } = await world.duo();
    const carol = newPerson();
    const [a, c] = await Promise.all([join(alice), join(carol)]);
    await say(a, { conversation, n: 1 });
    const { user, device } = carol;
    await world.commit(conversation, { ...bob, adds: [{ user, device, role: 2 }] });
    await say(a, { conversation, n: 2, lastCommitSeq: 3 });
    await seesEntry(c, conversation, 4);
    expect(seqsSeen(c, conversation)).toEqual([3, 4]);
    expect(await c.ask('typing', { conversation, on: true })).toEqual({});
    for (const client of [a, c]) client.leave();
  });

  test('a map of an older commit asks for the members before it emits', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    // A log on the same database whose stream no gateway hears.
    const unheard = await world.startLog(createBroker());
    const removal = await unheard.commit(conversation, { ...alice, removes: [bob.device] });
    expect(removal).toMatchObject({ status: 'appended', seq: 2 });
    await say(a, { conversation, n: 1, lastCommitSeq: 2 });
    await hasHeardAll(b, bob);
    expect(b.payloads(entriesFrame)).toEqual([]);
    expect(b.payloads(headFrame)).toEqual([]);
    expect(await b.ask('typing', { conversation, on: true })).toEqual({ code: 'forbidden' });
    await unheard.stop();
    for (const client of [a, b]) client.leave();
  });

  test('memberships that end without a commit: told to sync, and silent', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    const { say: announce } = world.publisher();
    const about = { conversation, newestCommitSeq: seqOf(1) };
    announce([{ kind: 'ended', ...about, user: bob.user, devices: [bob.device] }]);
    await b.sees(hintFrame);
    await say(a, { conversation, n: 1 });
    await hasHeardAll(b, bob);
    expect(b.payloads(entriesFrame)).toEqual([]);
    for (const client of [a, b]) client.leave();
  });
});

describe('losses', () => {
  const entry = (conversation: ConversationId, { user, device }: Person): DeliveryItem => ({
    kind: 'message',
    conversation,
    newestCommitSeq: seqOf(1),
    seq: seqOf(2),
    user,
    device,
    acceptedAt: 1,
    body: 'AAAA',
  });

  test('a jump in a publisher’s numbers: everybody is told to sync within five seconds', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(newPerson())]);
    const { say: announce } = world.publisher();
    announce([entry(conversation, bob)]);
    await seesEntry(a, conversation, 2);
    expect(a.payloads(hintFrame)).toEqual([]);
    announce([], { skip: 1 });
    expect(await a.sees(hintFrame)).toEqual({ within: 5000 });
    expect(await b.sees(hintFrame)).toEqual({ within: 5000 });
    for (const client of [a, b]) client.leave();
  });

  test('the broker was away: the same, and the sockets live', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b] = await Promise.all([join(alice), join(bob)]);
    world.broker.stop();
    expect(await a.ask('sync', {})).toEqual({ code: 'unavailable', retryAfter: 1 });
    expect((await say(a, { conversation, n: 1 })).results).toEqual([{ status: 'unavailable' }]);
    const late = { token: world.auth.token(bob), protocol: PROTOCOL_VERSION };
    expect(await Client.open(gateway.url, late)).toEqual({ code: 'unavailable' });
    world.broker.resume();
    expect(await a.sees(hintFrame)).toEqual({ within: 5000 });
    expect((await say(a, { conversation, n: 1 })).results).toMatchObject([{ status: 'stored' }]);
    await seesEntry(b, conversation, 2);
    for (const client of [a, b]) client.leave();
  });
});

test('doorbells reach whom they name, and nobody else', async () => {
  const { alice, bob, conversation } = await world.duo();
  const [a, b] = await Promise.all([join(alice), join(bob)]);
  world.give({ kind: 'welcome', conversation, devices: [alice.device] });
  world.give({ kind: 'device-missing', conversation, user: bob.user, audience: [alice.user] });
  world.give({ kind: 'requests', conversation, audience: [alice.user] });
  expect(await a.sees(welcomeFrame)).toEqual({ conversation });
  expect(await a.sees(deviceMissingFrame)).toEqual({ conversation, user: bob.user });
  expect(await a.sees(requestsFrame)).toEqual({ conversation });
  await hasHeardAll(b, bob);
  expect(b.received.map(({ event }) => event)).toEqual([syncedFrame.event, devicesFrame.event]);
  for (const client of [a, b]) client.leave();
});
