import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConversationId } from '@wisp/protocol';
import { commit, duo, kindsOf, message, readAll, say, withRole } from './conversation.js';
import { openLog, type TestLog } from './database.js';
import { newCommitId, newConversation, newPerson, newUser, seqOf, type Person } from './messages.js';

let world: TestLog;
beforeAll(async () => {
  world = await openLog();
});
afterAll(() => world.end());

describe('the first commit', () => {
  test('creates the conversation, and its creator reads it', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    expect((await readAll(world.log, alice, conversation)).entries).toMatchObject([
      { seq: 1, kind: 'commit', user: alice.user, device: alice.device },
    ]);
    // Who was added joins by Welcome: the walk starts behind the commit.
    expect(await readAll(world.log, bob, conversation)).toMatchObject({ head: 1, entries: [] });
  });

  test('sent again gets the first answer; another one finds the id taken', async () => {
    const [alice, mallory] = [newPerson(), newPerson()];
    const first = commit(newConversation(), alice, { opens: 'conversation', lastCommitSeq: seqOf(0) });
    const stored = await world.log.appendCommit(first);
    const again = await world.log.appendCommit(first);
    if (stored.kind !== 'stored') throw new Error(stored.kind);
    expect(again).toMatchObject({ kind: 'known', seq: 1, acceptedAt: stored.acceptedAt, head: 1 });
    for (const who of [alice, mallory]) {
      const other = commit(first.conversation, who, { opens: 'conversation', lastCommitSeq: seqOf(0) });
      expect((await world.log.appendCommit(other)).kind).toBe('conversation-exists');
    }
    const stolen = { ...first, ...mallory };
    expect((await world.log.appendCommit(stolen)).kind).toBe('conversation-exists');
  });

  test('that contradicts itself leaves nothing', async () => {
    const alice = newPerson();
    const conversation = newConversation();
    const opening = { opens: 'conversation', lastCommitSeq: seqOf(0) } as const;
    const adds = [withRole(alice, 4)];
    for (const odd of [
      { ...opening, adds },
      { ...opening, lastCommitSeq: seqOf(1) },
    ]) {
      expect((await world.log.appendCommit(commit(conversation, alice, odd))).kind).toBe('not-member');
    }
    expect(await world.log.listMembers(conversation)).toEqual({ newestCommitSeq: 0, members: [] });
    expect(await world.log.appendCommit(commit(conversation, alice, opening))).toMatchObject({ seq: 1 });
  });

  test('races itself and others: one conversation, one first commit', async () => {
    const alice = newPerson();
    const conversation = newConversation();
    const opening = { opens: 'conversation', lastCommitSeq: seqOf(0) } as const;
    const same = commit(conversation, alice, opening);
    const others = Array.from({ length: 4 }, () => commit(conversation, newPerson(), opening));
    const verdicts = await Promise.all(
      [same, same, ...others, same].map((one) => world.log.appendCommit(one)),
    );
    expect(kindsOf(verdicts).filter((kind) => kind === 'stored')).toHaveLength(1);
    const { members } = await world.log.listMembers(conversation);
    expect(members).toHaveLength(1);
  });

  test('a message under "no commit yet" is refused', async () => {
    const { alice, conversation } = await duo(world.log);
    const early = message(conversation, alice, { n: 1, lastCommitSeq: seqOf(0) });
    expect((await say(world.log, early)).kind).toBe('stale');
  });
});

describe('a later commit', () => {
  test('must stand on the newest commit entry; the same commitId gets the first answer', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const mine = commit(conversation, alice, {});
    expect(await world.log.appendCommit(mine)).toMatchObject({ kind: 'stored', seq: 2 });
    expect(await world.log.appendCommit(commit(conversation, bob, {}))).toEqual({
      kind: 'stale',
      newestCommitSeq: 2,
    });
    await world.log.appendCommit(commit(conversation, bob, { lastCommitSeq: seqOf(2) }));
    expect(await world.log.appendCommit(mine)).toMatchObject({ kind: 'known', seq: 2, newestCommitSeq: 3 });
  });

  test('one wins of many at once', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const many = Array.from({ length: 12 }, (_, index) => commit(conversation, index % 2 ? alice : bob, {}));
    const verdicts = kindsOf(await Promise.all(many.map((one) => world.log.appendCommit(one))));
    expect(verdicts.filter((kind) => kind === 'stored')).toHaveLength(1);
    expect(verdicts.filter((kind) => kind === 'stale')).toHaveLength(11);
  });

  test('comes from a member device only', async () => {
    const { alice, conversation } = await duo(world.log);
    for (const stranger of [newPerson(), { user: newUser(), device: alice.device }]) {
      expect((await world.log.appendCommit(commit(conversation, stranger, {}))).kind).toBe('not-member');
    }
    expect((await world.log.appendCommit(commit(newConversation(), alice, {}))).kind).toBe('not-member');
  });

  test('a removed device is served and may append nothing more', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, bob, { n: 1 }));
    await world.log.appendCommit(commit(conversation, alice, { removes: [bob.device] }));
    expect((await readAll(world.log, bob, conversation)).status).toBe('not-member');
    expect((await say(world.log, message(conversation, bob, { n: 2, lastCommitSeq: seqOf(3) }))).kind).toBe(
      'not-member',
    );
    const { left, conversations } = await world.log.syncDevice(bob, undefined);
    expect(left).toEqual([{ id: conversation, seq: 3 }]);
    expect(conversations).toEqual([]);
  });

  test('admits a device again only explicitly; it reads from there and keeps its counter', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, bob, { n: 1 }));
    await world.log.appendCommit(commit(conversation, alice, { removes: [bob.device] }));
    const adds = [withRole(bob, 2)];
    const back = commit(conversation, alice, { lastCommitSeq: seqOf(3), adds });
    expect((await world.log.appendCommit(back)).kind).toBe('device-known');
    expect(await world.log.appendCommit({ ...back, readmit: [bob.device] })).toMatchObject({ seq: 4 });
    expect(await readAll(world.log, bob, conversation)).toMatchObject({ head: 4, entries: [] });
    const lastCommitSeq = seqOf(4);
    expect((await say(world.log, message(conversation, bob, { n: 1, lastCommitSeq }))).kind).toBe(
      'duplicate',
    );
    expect((await say(world.log, message(conversation, bob, { n: 2, lastCommitSeq }))).kind).toBe('stored');
  });

  test('repairs: the same device goes and comes in one commit, and older messages are stale', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const repair = commit(conversation, alice, {
      removes: [bob.device],
      adds: [withRole(bob, 4)],
      readmit: [bob.device],
    });
    await say(world.log, message(conversation, alice, { n: 1 }));
    expect((await world.log.appendCommit(repair)).kind).toBe('stored');
    expect((await say(world.log, message(conversation, alice, { n: 2 }))).kind).toBe('stale');
    const { members } = await world.log.listMembers(conversation);
    expect(members.map(({ device }) => device).sort()).toEqual([alice.device, bob.device].sort());
    // It was a member all the time: what it missed it may still see.
    const { entries } = await readAll(world.log, bob, conversation);
    expect(entries.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  test('a device id belongs to its first user for ever', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const adds = [{ user: newUser(), device: bob.device, role: 2 as const }];
    const readmit = [bob.device];
    expect((await world.log.appendCommit(commit(conversation, alice, { adds, readmit }))).kind).toBe(
      'device-known',
    );
  });

  test('what the database refuses leaves nothing behind', async () => {
    const alice = newPerson();
    const twice = [withRole(newPerson(), 2)];
    const conversation = newConversation();
    const broken = commit(conversation, alice, {
      opens: 'conversation',
      lastCommitSeq: seqOf(0),
      adds: [...twice, ...twice],
    });
    expect((await world.log.appendCommit(broken)).kind).toBe('unavailable');
    expect(await world.log.listMembers(conversation)).toEqual({ newestCommitSeq: 0, members: [] });
    expect(await world.log.appendCommit({ ...broken, adds: twice })).toMatchObject({
      kind: 'stored',
      seq: 1,
    });
  });
});

describe('the next incarnation', () => {
  test('counts from 1 again and accepts nothing made before', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    await world.log.appendCommit(commit(conversation, bob, { opens: 'incarnation' }));
    expect((await say(world.log, message(conversation, alice, { n: 2 }))).kind).toBe('gap');
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('stale');
    const fresh = message(conversation, alice, { n: 1, lastCommitSeq: seqOf(3) });
    expect(await say(world.log, fresh)).toMatchObject({ kind: 'stored', seq: 4 });
    const { conversations } = await world.log.syncDevice(bob, undefined);
    expect(conversations).toMatchObject([{ id: conversation, lastN: 0, newestCommitSeq: 3 }]);
  });

  test("may be made by a member user's new device, which reads it", async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const laptop = { ...bob, device: newPerson().device };
    const adds = [withRole(laptop, 4)];
    expect((await world.log.appendCommit(commit(conversation, laptop, { adds }))).kind).toBe('not-member');
    const opening = commit(conversation, laptop, { opens: 'incarnation', adds, removes: [bob.device] });
    expect(await world.log.appendCommit(opening)).toMatchObject({ kind: 'stored', seq: 2 });
    expect((await readAll(world.log, laptop, conversation)).entries).toMatchObject([{ seq: 2 }]);
    const stranger = newPerson();
    const hostile = commit(conversation, stranger, {
      opens: 'incarnation',
      lastCommitSeq: seqOf(2),
      adds: [withRole(stranger, 4)],
    });
    expect((await world.log.appendCommit(hostile)).kind).toBe('not-member');
    expect((await readAll(world.log, alice, conversation)).head).toBe(2);
  });

  test('is compare-and-set like every commit', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const opens = 'incarnation' as const;
    const verdicts = await Promise.all(
      [alice, bob].map((who) =>
        world.log.appendCommit(commit(conversation, who, { opens, commitId: newCommitId() })),
      ),
    );
    expect(kindsOf(verdicts).sort()).toEqual(['stale', 'stored']);
  });
});

describe('leaving', () => {
  const leave = (conversation: ConversationId, user: Person['user'], at = 1) =>
    world.log.leaveConversation({ conversation, user, newestCommitSeq: seqOf(at) });

  test('ends a membership without a commit, and nobody else’s', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const { since } = await world.log.syncDevice(bob, undefined);
    const ended = [{ conversation, newestCommitSeq: 1, devices: [bob.device] }];
    expect((await leave(conversation, bob.user)).conversations).toEqual(ended);
    // The gateways may have missed it: who asks again has it told again.
    expect((await leave(conversation, bob.user)).conversations).toEqual(ended);
    expect((await readAll(world.log, bob, conversation)).status).toBe('not-member');
    expect((await say(world.log, message(conversation, bob, { n: 1 }))).kind).toBe('not-member');
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('stored');
    const synced = await world.log.syncDevice(bob, since);
    expect(synced).toMatchObject({ conversations: [], left: [{ id: conversation, seq: 1 }] });
    expect((await leave(newConversation(), bob.user)).conversations).toEqual([]);
  });

  test('a removal follows, and a word that comes late puts nobody out who came back', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await leave(conversation, bob.user);
    const removal = commit(conversation, alice, { removes: [bob.device] });
    expect(await world.log.appendCommit(removal)).toMatchObject({ kind: 'stored', seq: 2 });
    const back = commit(conversation, alice, {
      lastCommitSeq: seqOf(2),
      adds: [withRole(bob, 2)],
      readmit: [bob.device],
    });
    expect(await world.log.appendCommit(back)).toMatchObject({ kind: 'stored', seq: 3 });
    expect((await leave(conversation, bob.user)).conversations).toEqual([]);
    expect((await readAll(world.log, bob, conversation)).status).toBe('ok');
  });
});

describe("an account's end", () => {
  test('ends its memberships without a commit; peers read on and learn of it by sync', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const elsewhere = await duo(world.log);
    const { since } = await world.log.syncDevice(bob, undefined);
    const ended = await world.log.endMemberships(alice.user);
    expect(ended.conversations).toEqual([{ conversation, newestCommitSeq: 1, devices: [alice.device] }]);
    expect((await world.log.endMemberships(alice.user)).conversations).toEqual([]);

    expect((await readAll(world.log, alice, conversation)).status).toBe('not-member');
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('not-member');
    expect((await say(world.log, message(conversation, bob, { n: 1 }))).kind).toBe('stored');
    const synced = await world.log.syncDevice(bob, since);
    expect(synced.conversations).toMatchObject([{ id: conversation, deletedUsers: [alice.user] }]);
    expect((await world.log.attachDevice(elsewhere.alice)).length).toBe(1);
  });
});
