import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commit, converse, duo, kindsOf, message, readAll, say, withRole } from './conversation.js';
import { openLog, type TestLog } from './database.js';
import { newConversation, newPerson, newUser, seqOf } from './messages.js';

let world: TestLog;
beforeAll(async () => {
  world = await openLog();
});
afterAll(() => world.end());

describe('appending messages', () => {
  test('stores with the next seq, database time and deadline', async () => {
    const { alice, conversation } = await duo(world.log);
    const { verdicts, timeline } = await world.log.append([
      message(conversation, alice, { n: 1 }),
      message(conversation, alice, { n: 2, mode: 'after-send', ttl: 30 }),
      message(conversation, alice, { n: 3, mode: 'after-read', ttl: 5 }),
    ]);
    expect(timeline).toBe(1);
    expect(verdicts).toMatchObject([
      { kind: 'stored', seq: 2, newestCommitSeq: 1, expiresAt: undefined },
      { kind: 'stored', seq: 3 },
      { kind: 'stored', seq: 4 },
    ]);
    const [, sent, read] = verdicts;
    if (sent?.kind !== 'stored' || read?.kind !== 'stored') throw new Error('not stored');
    expect(sent.expiresAt).toBe(sent.acceptedAt + 30_000);
    expect(read.expiresAt).toBe(read.acceptedAt + 28 * 86_400_000);
  });

  test('n up to the last is a duplicate, and names the head to ring', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    await say(world.log, message(conversation, bob, { n: 1 }));
    expect(await say(world.log, message(conversation, alice, { n: 1 }))).toEqual({
      kind: 'duplicate',
      newestCommitSeq: 1,
      head: 3,
    });
    expect((await readAll(world.log, bob, { conversation, after: 1 })).entries).toHaveLength(2);
  });

  test('a duplicate stays one after its first has expired', async () => {
    const { alice, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1, mode: 'after-send', ttl: 1 }));
    await world.database.query(
      `UPDATE messages.entries SET expires_at = clock_timestamp() - interval '1 s' WHERE conversation_id = $1 AND seq = 2`,
      [conversation],
    );
    await world.log.expireEntries({ lookbackMs: undefined, limit: 100 });
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('duplicate');
  });

  test('a skipped n is a gap, and so is what follows a refusal in the batch', async () => {
    const { alice, conversation } = await duo(world.log);
    const { verdicts } = await world.log.append([
      message(conversation, alice, { n: 2 }),
      message(conversation, alice, { n: 3 }),
      message(conversation, alice, { n: 1 }),
    ]);
    expect(kindsOf(verdicts)).toEqual(['gap', 'gap', 'gap']);
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('stored');
  });

  test('a batch holds a repetition, what is new, and another conversation', async () => {
    const one = await duo(world.log);
    const other = await duo(world.log);
    const { verdicts } = await world.log.append([
      message(one.conversation, one.alice, { n: 1 }),
      message(one.conversation, one.alice, { n: 1 }),
      message(other.conversation, other.bob, { n: 1 }),
      message(one.conversation, one.bob, { n: 1 }),
      message(one.conversation, one.alice, { n: 2 }),
    ]);
    expect(kindsOf(verdicts)).toEqual(['stored', 'duplicate', 'stored', 'stored', 'stored']);
    expect(verdicts).toMatchObject([{ seq: 2 }, { head: 4 }, { seq: 2 }, { seq: 3 }, { seq: 4 }]);
  });

  test('only the very user and device of a member row may write', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const { verdicts } = await world.log.append([
      message(conversation, newPerson(), { n: 1 }),
      message(conversation, { user: newUser(), device: alice.device }, { n: 1 }),
      message(conversation, { user: alice.user, device: bob.device }, { n: 1 }),
      message(newConversation(), alice, { n: 1 }),
      message(conversation, alice, { n: 1 }),
    ]);
    expect(kindsOf(verdicts)).toEqual(['not-member', 'not-member', 'not-member', 'not-member', 'stored']);
  });

  test('a row that the database refuses stands alone', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const odd = message(conversation, bob, { n: 1, mode: 'after-send', ttl: 2 ** 40 });
    const { verdicts } = await world.log.append([
      message(conversation, alice, { n: 1 }),
      message(conversation, alice, { n: 2 }),
      odd,
      message(conversation, alice, { n: 3 }),
      message(conversation, alice, { n: 4 }),
    ]);
    expect(kindsOf(verdicts)).toEqual(['stored', 'stored', 'malformed', 'stored', 'stored']);
  });
});

describe('freshness', () => {
  async function conversationWithCommits(ages: readonly string[]) {
    const { alice, bob, conversation } = await duo(world.log);
    for (const [index] of ages.entries()) {
      const lastCommitSeq = seqOf(index + 1);
      expect(await world.log.appendCommit(commit(conversation, alice, { lastCommitSeq }))).toMatchObject({
        kind: 'stored',
      });
    }
    const [first = '0 s', second = '0 s'] = [...ages].reverse();
    await world.database.query(
      `UPDATE messages.conversations SET commit_1_at = clock_timestamp() - $2::interval,
         commit_2_at = clock_timestamp() - $3::interval WHERE conversation_id = $1`,
      [conversation, first, second],
    );
    return { alice, bob, conversation };
  }
  const judge = async (ages: readonly string[], lastCommitSeq: number) => {
    const { bob, conversation } = await conversationWithCommits(ages);
    return say(world.log, message(conversation, bob, { n: 1, lastCommitSeq: seqOf(lastCommitSeq) }));
  };

  test('under the newest commit', async () => {
    expect((await judge(['1 day'], 2)).kind).toBe('stored');
  });
  test('under the second newest, the newest being young', async () => {
    expect((await judge(['1 min'], 1)).kind).toBe('stored');
  });
  test('under the second newest, the newest being old', async () => {
    expect(await judge(['3 min'], 1)).toEqual({ kind: 'stale', newestCommitSeq: 2 });
  });
  test('under the third newest, the second newest being young', async () => {
    expect((await judge(['1 min', '0 s'], 1)).kind).toBe('stored');
  });
  test('under the third newest, the second newest being old', async () => {
    expect((await judge(['3 min', '0 s'], 1)).kind).toBe('stale');
  });
  test('under the fourth newest', async () => {
    expect((await judge(['0 s', '0 s', '0 s'], 1)).kind).toBe('stale');
  });
  test('under a commit to come, or an entry that is none', async () => {
    expect((await judge(['0 s'], 3)).kind).toBe('stale');
    const { alice, bob, conversation } = await duo(world.log);
    await say(world.log, message(conversation, alice, { n: 1 }));
    expect((await say(world.log, message(conversation, bob, { n: 1, lastCommitSeq: seqOf(2) }))).kind).toBe(
      'stale',
    );
  });
  test('never across a removal', async () => {
    const [alice, bob, carol] = [newPerson(), newPerson(), newPerson()];
    const conversation = await converse(world.log, [alice, bob, carol]);
    await world.log.appendCommit(commit(conversation, alice, { removes: [carol.device] }));
    expect((await say(world.log, message(conversation, bob, { n: 1 }))).kind).toBe('stale');
    expect((await say(world.log, message(conversation, carol, { n: 1 }))).kind).toBe('not-member');
    const now = message(conversation, bob, { n: 1, lastCommitSeq: seqOf(2) });
    expect((await say(world.log, now)).kind).toBe('stored');
  });
  test('a stale message in a batch holds back what follows, nothing of others', async () => {
    const { alice, bob, conversation } = await conversationWithCommits(['3 min']);
    const { verdicts } = await world.log.append([
      message(conversation, bob, { n: 1, lastCommitSeq: seqOf(1) }),
      message(conversation, bob, { n: 2, lastCommitSeq: seqOf(2) }),
      message(conversation, alice, { n: 1, lastCommitSeq: seqOf(2) }),
    ]);
    expect(kindsOf(verdicts)).toEqual(['stale', 'gap', 'stored']);
  });
});

describe('a log that cannot answer', () => {
  test('a connection that breaks between two questions ends nothing but itself', async () => {
    const client = await world.pools.append.connect();
    expect(() => client.emit('error', new Error('terminated'))).not.toThrow();
    client.release(true);
  });

  test('is unavailable while a lock is held, and the retry decides', async () => {
    const { alice, conversation } = await duo(world.log);
    const blocker = await world.pools.background.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM messages.conversations WHERE conversation_id = $1 FOR UPDATE', [
      conversation,
    ]);
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('unavailable');
    await blocker.query('ROLLBACK');
    blocker.release();
    expect((await say(world.log, message(conversation, alice, { n: 1 }))).kind).toBe('stored');
  });

  test('roles reach the member table', async () => {
    const [alice, bob] = [newPerson(), newPerson()];
    const conversation = await converse(world.log, [alice, bob], [4, 2]);
    await world.log.appendCommit(
      commit(conversation, alice, { roles: [{ user: bob.user, role: 3 }], adds: [withRole(newPerson(), 1)] }),
    );
    const { members } = await world.log.listMembers(conversation);
    expect(members.map(({ role }) => role).sort()).toEqual([1, 3, 4]);
  });
});
