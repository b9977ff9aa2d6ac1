import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appendFrame,
  entriesFrame,
  hintFrame,
  PROTOCOL_VERSION,
  type ConversationId,
  type DeliveryItem,
} from '@wisp/protocol';
import { Client } from './client.js';
import { newPerson, sealed, seqOf, type Person } from './messages.js';
import { openRelay, type Relay } from './relay.js';
import { connect, startWorld, type RunningGateway, type World } from './world.js';

let world: World;
let gateway: RunningGateway;
let relay: Relay | undefined;
beforeAll(async () => {
  world = await startWorld();
  gateway = await world.startGateway();
});
afterAll(() => world.stop());
afterEach(() => relay?.close());

const join = (person: Person) => connect(gateway, world.auth.token(person));
const rateLimited = { code: 'rate-limited', retryAfter: expect.any(Number) };

/** Nothing is appended to these conversations until it is told to go on. */
const hold = (conversations: ConversationId[]) =>
  world.database.hold('SELECT 1 FROM messages.conversations WHERE conversation_id = any($1) FOR UPDATE', [
    conversations,
  ]);

describe('admission', () => {
  test('so many handshakes a second; the rest come later, and get in', async () => {
    const narrow = await world.startGateway({ handshakesPerSecond: 2 });
    const open = () =>
      Client.open(narrow.url, { token: world.auth.token(newPerson()), protocol: PROTOCOL_VERSION });
    const rush = await Promise.all(Array.from({ length: 40 }, open));
    const refused = rush.filter((one) => !(one instanceof Client));
    expect(refused.length).toBeGreaterThan(0);
    for (const refusal of refused) expect(refusal).toEqual({ code: 'overloaded', retryAfter: 2 });
    let late = await open();
    while (!(late instanceof Client)) late = await open();
    expect(await late.ask('sync', {})).toHaveProperty('since');
    await narrow.stop();
  });
});

describe('what one socket may have in flight', () => {
  test('one append in a conversation, 32 messages, 256 kB; then it goes on', async () => {
    const alice = newPerson();
    const conversations = await Promise.all([1, 2, 3].map(() => world.converse(alice, newPerson())));
    const [one, two, three] = conversations;
    if (!one || !two || !three) throw new Error('a conversation is missing');
    const a = await join(alice);
    const append = (conversation: ConversationId, messages: string[]) =>
      a.ask('append', { conversation, messages });
    const some = (count: number, bytes = 48) =>
      Array.from({ length: count }, (_, i) => sealed({ n: i + 1, bytes }));
    const stored = (count: number) => ({
      results: Array(count).fill(expect.objectContaining({ status: 'stored' })),
    });

    let letGo = await hold(conversations);
    const first = [append(one, some(16)), append(two, some(16))];
    expect(await append(one, some(1))).toEqual(rateLimited);
    expect(await append(three, some(1))).toEqual(rateLimited);
    await letGo();
    for (const answer of first) expect(await answer).toMatchObject(stored(16));

    letGo = await hold(conversations);
    const large = append(three, some(3, 65_000));
    const next = (bytes: number) => append(two, [sealed({ n: 17, bytes })]);
    expect(await append(one, [sealed({ n: 17, bytes: 65_000 }), sealed({ n: 18, bytes: 65_000 })])).toEqual(
      rateLimited,
    );
    const small = next(1000);
    await letGo();
    expect(await large).toMatchObject(stored(3));
    expect(await small).toMatchObject(stored(1));
    a.leave();
  });

  test('frames of all kinds: a flood is refused, and disturbs nobody else', async () => {
    const { alice, bob, conversation } = await world.duo();
    const [a, b, mallory] = await Promise.all([join(alice), join(bob), join(newPerson())]);
    const bad: [string, unknown][] = [
      ['watch', { conversation: null }],
      ['nonsense', {}],
      ['typing', 7],
    ];
    const flood = Array.from({ length: 1500 }, () =>
      bad.map(([event, payload]) => mallory.ask(event, payload)),
    );
    const said = await a.ask('append', { conversation, messages: [sealed({ n: 1 })] });
    expect(said).toMatchObject({ results: [{ status: 'stored' }] });
    await b.sees(entriesFrame);
    const answers = await Promise.all(flood.flat());
    expect(answers).toContainEqual(rateLimited);
    for (const client of [a, b, mallory]) client.leave();
  });
});

describe('what one account may say', () => {
  test('1,200 messages a minute, over all its sockets', async () => {
    const { alice, conversation } = await world.duo();
    const [one, two] = await Promise.all([join(alice), join(alice)]);
    const messages = Array<string>(16).fill(sealed({ n: 1 }));
    let taken = 0;
    for (const client of [one, two, one, two]) {
      for (;;) {
        const answer = await client.ask('append', { conversation, messages });
        if (!appendFrame.ack.safeParse(answer).success) {
          expect(answer).toEqual(rateLimited);
          break;
        }
        taken += messages.length;
      }
    }
    // Sockets take their account's allowance in lumps: some of it may lie with them.
    expect(taken).toBeGreaterThan(1_100);
    expect(taken).toBeLessThanOrEqual(1_200);
    for (const client of [one, two]) client.leave();
  });

  test('typing and presence: sixty in ten seconds', async () => {
    const { alice, conversation } = await world.duo();
    const a = await join(alice);
    const answers = await Promise.all(
      Array.from({ length: 61 }, (_, i) => a.ask('typing', { conversation, on: i % 2 === 0 })),
    );
    expect(answers.filter((answer) => !('code' in (answer as object)))).toHaveLength(60);
    expect(answers).toContainEqual(rateLimited);
    expect(await a.ask('presence', { users: [] })).toEqual(rateLimited);
    a.leave();
  });
});

test('a slow consumer is sent no more than it takes, delays nobody, and syncs once it takes again', async () => {
  const [alice, bob, carol] = [newPerson(), newPerson(), newPerson()];
  const conversation = await world.converse(alice, bob, carol);
  relay = await openRelay(gateway.url);
  const [a, b] = await Promise.all([join(alice), Client.connect(relay.url, world.auth.token(bob))]);
  const { say } = world.publisher();
  const body = 'A'.repeat(40_000);
  const entry = (seq: number): DeliveryItem => ({
    kind: 'message',
    conversation,
    newestCommitSeq: seqOf(1),
    seq: seqOf(seq),
    user: carol.user,
    device: carol.device,
    acceptedAt: 1,
    body,
  });
  relay.stall();
  // More than the kernel's buffers of both ends take, by far.
  const last = 300;
  for (let seq = 2; seq <= last; seq += 4) {
    say([0, 1, 2, 3].map((i) => entry(seq + i)));
    await a.sees(entriesFrame, ({ entries }) => entries.some((one) => one.seq === seq + 3));
  }
  expect(b.payloads(entriesFrame).length).toBe(0);
  relay.flow();
  expect(await b.sees(hintFrame)).toEqual({ within: 0 });
  const taken = b.payloads(entriesFrame).length;
  expect(taken).toBeLessThan(250);
  expect(await b.ask('sync', {})).toHaveProperty('since');
  say([entry(last + 4)]);
  await b.sees(entriesFrame, ({ entries }) => entries.some((one) => one.seq === last + 4));
  expect(b.payloads(entriesFrame)).toHaveLength(taken + 1);
  for (const client of [a, b]) client.leave();
});
