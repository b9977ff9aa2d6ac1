import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BusError } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import { newPerson, seqOf } from './messages.js';
import { startWorld, upload, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.startReplica();
});
afterAll(() => world.end());

test('an append is stored, told to the cell with its text untouched, then acknowledged', async () => {
  const { alice, conversation } = await world.duo();
  const one = upload(conversation, alice, { n: 1, mode: 'after-send', ttl: 60 });
  const { timeline, results } = await world.append([one]);
  expect(timeline).toBe(1);
  const [result] = results;
  if (result?.status !== 'stored') throw new Error(result?.status);
  // Acknowledged: so it has been published before.
  expect(world.cell.items(conversation).at(-1)).toEqual({
    kind: 'message',
    conversation,
    newestCommitSeq: 1,
    seq: 2,
    ...alice,
    acceptedAt: result.acceptedAt,
    expiresAt: result.acceptedAt + 60_000,
    body: one.body,
  });
});

test('each refusal by its name, one beside the other', async () => {
  const { alice, bob, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1 })]);
  const { results } = await world.append([
    upload(conversation, alice, { n: 1 }),
    upload(conversation, alice, { n: 3 }),
    upload(conversation, newPerson(), { n: 1 }),
    upload(conversation, bob, { n: 1, lastCommitSeq: seqOf(9) }),
    { ...bob, conversation, body: 'AAAA' },
  ]);
  expect(results).toEqual([
    { status: 'duplicate' },
    { status: 'gap', newestCommitSeq: 1 },
    { status: 'not-member' },
    { status: 'stale', newestCommitSeq: 1 },
    { status: 'malformed' },
  ]);
});

test('a duplicate rings the head again', async () => {
  const { alice, conversation } = await world.duo();
  const one = upload(conversation, alice, { n: 1 });
  await world.append([one]);
  await world.append([one]);
  expect(await world.cell.item('head', conversation)).toEqual({
    kind: 'head',
    conversation,
    newestCommitSeq: 1,
    seq: 2,
  });
});

test('an entry above 32 kB is rung, not pushed', async () => {
  const { alice, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1, ciphertextBytes: 40_000 })]);
  expect(world.cell.items(conversation).at(-1)).toMatchObject({ kind: 'head', seq: 2 });
  const body = Buffer.alloc(40_000).toString('base64url');
  await world.commit({ ...alice, conversation, body });
  const item = await world.cell.item('commit', conversation);
  const large = world.cell
    .items(conversation)
    .filter(({ kind }) => kind === 'commit')
    .at(-1);
  expect(item).toHaveProperty('body');
  expect(large).toMatchObject({ seq: 3, previousCommitSeq: 1 });
  expect(large).not.toHaveProperty('body');
});

test('a commit tells adds, removes and its predecessor; its repetition rings', async () => {
  const { alice, bob, conversation } = await world.duo();
  const carol = newPerson();
  const commitId = newPerson().device as never;
  const request = {
    ...alice,
    conversation,
    commitId,
    adds: [{ ...carol, role: 2 as const }],
    removes: [bob.device],
  };
  const first = await world.commit(request);
  expect(first).toMatchObject({ status: 'appended', seq: 2, timeline: 1 });
  expect(world.cell.items(conversation).at(-1)).toMatchObject({
    kind: 'commit',
    seq: 2,
    newestCommitSeq: 2,
    previousCommitSeq: 1,
    adds: [carol],
    removes: [bob.device],
  });
  expect(await world.commit(request)).toEqual(first);
  expect(world.cell.items(conversation).at(-1)).toMatchObject({ kind: 'head', seq: 2 });
  expect(await world.commit({ ...alice, conversation })).toEqual({ status: 'stale', newestCommitSeq: 2 });
  expect(await world.commit({ ...bob, conversation, lastCommitSeq: seqOf(2) })).toEqual({
    status: 'not-member',
  });
  const adds = [{ ...bob, role: 2 as const }];
  expect(await world.commit({ ...alice, conversation, lastCommitSeq: seqOf(2), adds })).toEqual({
    status: 'device-known',
  });
  expect(await world.commit({ ...alice, conversation, opens: 'create', lastCommitSeq: seqOf(0) })).toEqual({
    status: 'conversation-exists',
  });
});

test('marks tell the senders, and let after-read messages go', async () => {
  const { alice, bob, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1, mode: 'after-read', ttl: 5 })]);
  const acks = [alice, bob].map((who) => ({ ...who, conversation, seq: seqOf(2) }));
  expect(await world.bus.request(subjects.acknowledge(0), { acks })).toEqual({ busy: [] });
  expect(await world.cell.item('acked', conversation)).toMatchObject({ seq: 2, newestCommitSeq: 1 });
  await untilGone(conversation, 2);
});

test('what expires is told by ids alone', async () => {
  const { alice, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1, mode: 'after-send', ttl: 1 })]);
  expect(await world.cell.item('expired', conversation)).toEqual({
    kind: 'expired',
    conversation,
    newestCommitSeq: 1,
    seqs: [2],
  });
  await untilGone(conversation, 2);
});

test("a deleted account's memberships end, and the gateways are told", async () => {
  const { alice, bob, conversation } = await world.duo();
  world.bus.publish(subjects.accountDeleted(), { user: alice.user, at: 1 });
  expect(await world.cell.item('ended', conversation)).toMatchObject({
    user: alice.user,
    devices: [alice.device],
  });
  const { results } = await world.append([
    upload(conversation, alice, { n: 1 }),
    upload(conversation, bob, { n: 1 }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['not-member', 'stored']);
});

test('whoever leaves is served no more, and the gateways are told', async () => {
  const { alice, bob, conversation } = await world.duo();
  const departure = { conversation, user: alice.user, newestCommitSeq: seqOf(1) };
  const { left } = await world.bus.request(subjects.leaveConversation(0), departure);
  expect(left).toEqual([alice.device]);
  expect(await world.cell.item('ended', conversation)).toMatchObject({ user: alice.user, devices: left });
  const wish = { conversation, after: seqOf(0), limit: 200 };
  const { pages } = await world.bus.request(subjects.fetchEntries(), { ...alice, conversations: [wish] });
  expect(pages).toEqual([{ status: 'not-member', conversation }]);
  const { results } = await world.append([upload(conversation, bob, { n: 1 })]);
  expect(results).toMatchObject([{ status: 'stored' }]);
});

test.each(['a deleted account', 'a departure'])('%s holds back no after-read message', async (what) => {
  const { alice, bob, conversation } = await world.duo();
  await world.append([upload(conversation, bob, { n: 1, mode: 'after-read', ttl: 5 })]);
  const acks = [{ ...bob, conversation, seq: seqOf(2) }];
  expect(await world.bus.request(subjects.acknowledge(0), { acks })).toEqual({ busy: [] });
  if (what === 'a departure') {
    const departure = { conversation, user: alice.user, newestCommitSeq: seqOf(1) };
    await world.bus.request(subjects.leaveConversation(0), departure);
  } else {
    world.bus.publish(subjects.accountDeleted(), { user: alice.user, at: 1 });
  }
  await untilGone(conversation, 2);
});

test('attach, members, sync and fetch over the bus', async () => {
  const { alice, bob, conversation } = await world.duo();
  await world.append([upload(conversation, alice, { n: 1 })]);
  expect(await world.bus.request(subjects.attachDevice(), bob)).toEqual({
    conversations: [{ conversation, newestCommitSeq: 1 }],
  });
  const members = await world.bus.request(subjects.listMembers(), { conversation });
  expect(members.members).toHaveLength(2);
  const synced = await world.bus.request(subjects.syncDevice(), bob);
  expect(synced.conversations).toMatchObject([{ id: conversation, head: 2 }]);
  const wish = { conversation, after: seqOf(1), limit: 200 };
  const fetched = await world.bus.request(subjects.fetchEntries(), { ...bob, conversations: [wish] });
  expect(fetched.pages).toMatchObject([{ status: 'ok', through: 2, entries: [{ seq: 2, ...alice }] }]);
});

test('malformed requests on the bus are named and store nothing', async () => {
  const { alice, conversation } = await world.duo();
  const good = upload(conversation, alice, { n: 1 });
  const bad = [
    { ...good, body: '' },
    { ...good, body: 'not base64url!' },
    { ...good, body: 'A'.repeat(100_000) },
    { ...good, user: 'x' },
    { ...good, conversation: 'x' },
    { ...good, extra: 1 },
  ];
  for (const message of bad) {
    await expect(world.append([message as never])).rejects.toMatchObject({ code: 'bad-request' });
  }
  await expect(world.append([])).rejects.toBeInstanceOf(BusError);
  await expect(world.append([good], 0)).rejects.toMatchObject({ code: 'bad-request', field: 'budgetMs' });
  const { head } = (await world.bus.request(subjects.syncDevice(), alice)).conversations[0] ?? {};
  expect(head).toBe(1);
});

describe('the stream', () => {
  test('is numbered without a gap, beats, and says bye', async () => {
    const replica = await world.startReplica();
    const before = new Set(world.cell.envelopes.map((envelope) => envelope.process));
    await world.cell.until((all) => all.some((envelope) => !before.has(envelope.process)));
    const process = world.cell.envelopes.find((envelope) => !before.has(envelope.process))?.process;
    const own = () => world.cell.envelopes.filter((envelope) => envelope.process === process);
    await world.cell.until(() => own().length >= 2);
    await replica.end();
    await world.cell.until(() => own().some(({ bye }) => bye === true));
    expect(own().map(({ number }) => number)).toEqual(own().map((_, index) => index + 1));
    expect(own().at(-1)).toMatchObject({ bye: true, items: [] });
  });

  test('rings what it told shortly before the bus went away', async () => {
    const { alice, conversation } = await world.duo();
    await world.append([upload(conversation, alice, { n: 1 })]);
    world.broker.stop();
    world.broker.resume();
    expect(await world.cell.item('head', conversation)).toMatchObject({ seq: 2 });
  });
});

async function untilGone(conversation: string, seq: number): Promise<void> {
  const left = async () =>
    (
      await world.database.query('SELECT 1 FROM messages.entries WHERE conversation_id = $1 AND seq = $2', [
        conversation,
        seq,
      ])
    ).length;
  while ((await left()) > 0);
}
