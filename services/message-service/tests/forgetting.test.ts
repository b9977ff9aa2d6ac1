import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConversationId } from '@wisp/protocol';
import { commit, converse, duo, message, readAll, say, withRole } from './conversation.js';
import { openLog, type TestLog } from './database.js';
import { newConversation, newPerson, newUser, seqOf, type Person } from './messages.js';

let world: TestLog;
beforeAll(async () => {
  world = await openLog();
});
afterAll(() => world.end());

const seqsIn = async (conversation: ConversationId) =>
  (
    await world.database.query<{ seq: string }>(
      'SELECT seq FROM messages.entries WHERE conversation_id = $1 ORDER BY seq',
      [conversation],
    )
  ).map(({ seq }) => Number(seq));

const age = (conversation: ConversationId, by: string, column = 'expires_at') =>
  world.database.query(
    `UPDATE messages.entries SET ${column} = ${column} - $2::interval WHERE conversation_id = $1`,
    [conversation, by],
  );

describe('the expiry sweep', () => {
  const sweep = (lookbackMs?: number, limit = 1_000) => world.log.expireEntries({ lookbackMs, limit });

  test('deletes what is due, and nothing else', async () => {
    const { alice, conversation } = await duo(world.log);
    await world.log.append([
      message(conversation, alice, { n: 1, mode: 'after-send', ttl: 5 }),
      message(conversation, alice, { n: 2, mode: 'after-send', ttl: 3_600 }),
      message(conversation, alice, { n: 3 }),
      message(conversation, alice, { n: 4, mode: 'after-read', ttl: 5 }),
    ]);
    await age(conversation, '10 s');
    const { gone, count, latestBy } = await sweep();
    expect(gone).toEqual([{ conversation, newestCommitSeq: 1, seqs: [2] }]);
    expect(count).toBe(1);
    expect(latestBy).toBeGreaterThan(4_000);
    expect(await seqsIn(conversation)).toEqual([1, 3, 4, 5]);
    await age(conversation, '28 days');
    expect((await sweep()).gone).toMatchObject([{ seqs: [3, 5] }]);
  });

  test('runs in bounded batches, side by side, each entry told once', async () => {
    const { alice, conversation } = await duo(world.log);
    await world.log.append(
      Array.from({ length: 50 }, (_, index) =>
        message(conversation, alice, { n: index + 1, mode: 'after-send', ttl: 1 }),
      ),
    );
    await age(conversation, '5 s');
    const rounds = await Promise.all(Array.from({ length: 12 }, () => sweep(undefined, 10)));
    const rest = await sweep(undefined, 100);
    const told = [...rounds, rest].flatMap(({ gone }) => gone.flatMap(({ seqs }) => seqs));
    expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
    expect(rounds.every(({ count }) => count <= 10)).toBe(true);
  });

  test('the lookback bounds it from below', async () => {
    const { alice, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1, mode: 'after-send', ttl: 1 }));
    await age(conversation, '1 hour');
    expect((await sweep(60_000)).count).toBe(0);
    expect((await sweep()).count).toBe(1);
  });
});

describe('marks', () => {
  const mark = (conversation: ConversationId, who: Person, seq: number) =>
    world.log.moveMarks([{ conversation, ...who, seq: seqOf(seq) }]);

  test('move forward only, up to the head, for members only', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    expect((await mark(conversation, bob, 99)).moved).toEqual([
      { conversation, ...bob, seq: 2, newestCommitSeq: 1 },
    ]);
    expect(await mark(conversation, bob, 1)).toMatchObject({ moved: [], busy: [] });
    expect(await mark(conversation, bob, 2)).toMatchObject({ moved: [], busy: [] });
    for (const stranger of [newPerson(), { user: newUser(), device: alice.device }]) {
      expect(await mark(conversation, stranger, 2)).toMatchObject({ moved: [], busy: [] });
    }
  });

  test('wait for no lock: a busy one is named', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    const blocker = await world.pools.background.connect();
    await blocker.query('BEGIN');
    await blocker.query(
      'SELECT 1 FROM messages.members WHERE conversation_id = $1 AND device_id = $2 FOR UPDATE',
      [conversation, bob.device],
    );
    expect((await mark(conversation, bob, 2)).busy).toMatchObject([{ ...bob, seq: 2 }]);
    await blocker.query('ROLLBACK');
    blocker.release();
    expect((await mark(conversation, bob, 2)).moved).toHaveLength(1);
  });

  test('an after-read message goes once every member device has it', async () => {
    const [alice, bob, carol] = [newPerson(), newPerson(), newPerson()];
    const conversation = await converse(world.log, [alice, bob, carol]);
    await world.log.append([
      message(conversation, alice, { n: 1, mode: 'after-read', ttl: 5 }),
      message(conversation, alice, { n: 2 }),
      message(conversation, alice, { n: 3, mode: 'after-read', ttl: 5 }),
    ]);
    const forget = () => world.log.forgetAcknowledged([conversation], 100);
    await mark(conversation, alice, 4);
    await mark(conversation, bob, 4);
    expect(await forget()).toBe(0);
    await mark(conversation, carol, 2);
    expect(await forget()).toBe(1);
    expect(await seqsIn(conversation)).toEqual([1, 3, 4]);

    // Who joins later, or leaves, holds nothing back.
    const joins = commit(conversation, alice, {
      adds: [withRole(newPerson(), 2)],
      removes: [carol.device],
    });
    expect((await world.log.appendCommit(joins)).kind).toBe('stored');
    expect(await forget()).toBe(1);
    expect(await seqsIn(conversation)).toEqual([1, 3, 5]);
  });
});

describe('deletion for everyone', () => {
  const remove = (who: Person, conversation: ConversationId, ...seqs: number[]) =>
    world.log.deleteEntries(who, { conversation, seqs: seqs.map(seqOf) });

  test("one's own, from any device of the user; again it does nothing", async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const phone = { ...alice, device: newPerson().device };
    await world.log.appendCommit(commit(conversation, alice, { adds: [withRole(phone, 4)] }));
    await say(world.log, message(conversation, alice, { n: 1 }));
    await say(world.log, message(conversation, bob, { n: 1 }));
    expect(await remove(phone, conversation, 3)).toMatchObject({ kind: 'deleted', gone: { seqs: [3] } });
    expect(await remove(phone, conversation, 3)).toMatchObject({ kind: 'deleted', gone: { seqs: [] } });
    expect(await remove(phone, conversation, 77)).toMatchObject({ kind: 'deleted', gone: { seqs: [] } });
    expect(await seqsIn(conversation)).toEqual([1, 2, 4]);
  });

  test('never a commit, never in part, never by a stranger', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    await say(world.log, message(conversation, bob, { n: 1 }));
    expect((await remove(alice, conversation, 1)).kind).toBe('forbidden');
    expect((await remove(alice, conversation, 2, 3)).kind).toBe('forbidden');
    expect((await remove(newPerson(), conversation, 2)).kind).toBe('forbidden');
    expect((await remove({ user: alice.user, device: bob.device }, conversation, 2)).kind).toBe('forbidden');
    expect((await remove(alice, newConversation(), 1)).kind).toBe('forbidden');
    expect(await seqsIn(conversation)).toEqual([1, 2, 3]);
  });

  test("others' by a strictly higher role, from admin on", async () => {
    const people = Array.from({ length: 6 }, newPerson) as [Person, Person, Person, Person, Person, Person];
    const [owner, admin, otherAdmin, member, reader] = people;
    const conversation = await converse(world.log, people, [4, 3, 3, 2, 1, 2]);
    for (const who of [owner, admin, member, reader])
      await say(world.log, message(conversation, who, { n: 1 }));
    const [byOwner, byAdmin, byMember, byReader] = [2, 3, 4, 5];
    expect((await remove(admin, conversation, byOwner)).kind).toBe('forbidden');
    expect((await remove(otherAdmin, conversation, byAdmin)).kind).toBe('forbidden');
    // A member stands above a reader, but deletes nobody's.
    expect((await remove(member, conversation, byReader)).kind).toBe('forbidden');
    expect((await remove(admin, conversation, byMember, byReader)).kind).toBe('deleted');
    expect((await remove(owner, conversation, byAdmin)).kind).toBe('deleted');
    expect(await seqsIn(conversation)).toEqual([1, 2]);
  });

  test('a removed member deletes nothing more; their messages an admin may', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await world.log.appendCommit(commit(conversation, alice, { roles: [{ user: bob.user, role: 2 }] }));
    await say(world.log, message(conversation, bob, { n: 1 }));
    await world.log.appendCommit(
      commit(conversation, alice, { lastCommitSeq: seqOf(2), removes: [bob.device] }),
    );
    expect((await remove(bob, conversation, 3)).kind).toBe('forbidden');
    expect((await remove(alice, conversation, 3)).kind).toBe('deleted');
  });
});

describe('retention', () => {
  const day = 86_400;
  const limits = { conversations: 1_000, entries: 500, commitAge: 90 * day, messageAge: 365 * day };

  test('old commits and old messages without a timer go; the log goes on', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await world.log.append([
      message(conversation, alice, { n: 1 }),
      message(conversation, alice, { n: 2, mode: 'after-send', ttl: 1_000 * day }),
    ]);
    await age(conversation, '100 days', 'accepted_at');
    await world.log.retainEntries(undefined, limits);
    expect(await seqsIn(conversation)).toEqual([2, 3]);
    await age(conversation, '300 days', 'accepted_at');
    await world.log.retainEntries(undefined, limits);
    expect(await seqsIn(conversation)).toEqual([3]);
    expect(await say(world.log, message(conversation, alice, { n: 3 }))).toMatchObject({ seq: 4 });
    expect((await readAll(world.log, bob, conversation)).entries.map(({ seq }) => seq)).toEqual([3, 4]);
  });

  test('goes round in bounded steps', async () => {
    const { alice, conversation } = await duo(world.log);
    await world.log.append(
      Array.from({ length: 12 }, (_, index) => message(conversation, alice, { n: index + 1 })),
    );
    await age(conversation, '400 days', 'accepted_at');
    let after: ConversationId | undefined;
    let steps = 0;
    do {
      const step = await world.log.retainEntries(after, { ...limits, conversations: 1, entries: 100 });
      after = step.next;
      steps += 1;
    } while (after !== undefined);
    const [total] = await world.database.query<{ count: string }>(
      'SELECT count(*) FROM messages.conversations',
    );
    expect(steps).toBe(Number(total?.count) + 1);
    expect(await seqsIn(conversation)).toEqual([]);
  });
});
