import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConversationId, FetchWish, Seq } from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import { commit, converse, duo, message, say } from './conversation.js';
import { openLog, type TestLog } from './database.js';
import { newConversation, newPerson, newUser, seqOf, type Person } from './messages.js';

let world: TestLog;
beforeAll(async () => {
  world = await openLog();
});
afterAll(() => world.end());

const pageOf = async (who: Person, wish: FetchWish) => (await world.log.fetchEntries(who, [wish])).pages[0];
const fetchOne = (who: Person, conversation: ConversationId, after: number) =>
  pageOf(who, { conversation, after: seqOf(after), limit: 200 });

async function fill(conversation: ConversationId, who: Person, sizes: readonly number[]) {
  const { verdicts } = await world.log.append(
    sizes.map((size, index) => message(conversation, who, { n: index + 1, body: randomBytes(size) })),
  );
  expect(verdicts.every(({ kind }) => kind === 'stored')).toBe(true);
}

describe('fetch', () => {
  test('answers a page, complete up to `through`', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await fill(conversation, alice, [10, 10, 10, 10]);
    expect(await pageOf(bob, { conversation, after: seqOf(1), limit: 3 })).toMatchObject({
      status: 'ok',
      through: 4,
      head: 5,
      entries: [{ seq: 2 }, { seq: 3 }, { seq: 4 }],
    });
    expect(await pageOf(bob, { conversation, after: seqOf(4), limit: 3 })).toMatchObject({
      through: 5,
      entries: [{ seq: 5 }],
    });
    expect(await fetchOne(bob, conversation, 5)).toMatchObject({ through: 5, head: 5, entries: [] });
    // An alarm for the engine; the server just says where the log ends.
    expect(await fetchOne(bob, conversation, 99)).toMatchObject({ through: 5, head: 5, entries: [] });
  });

  test('hands out what was uploaded, byte for byte, with uploader and deadline', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const body = randomBytes(5_000);
    const verdict = await say(
      world.log,
      message(conversation, alice, { n: 1, mode: 'after-send', ttl: 60, body }),
    );
    if (verdict.kind !== 'stored') throw new Error(verdict.kind);
    expect(await fetchOne(bob, conversation, 1)).toMatchObject({
      entries: [
        {
          seq: 2,
          kind: 'message',
          ...alice,
          acceptedAt: verdict.acceptedAt,
          expiresAt: verdict.expiresAt,
          body: body.toString('base64url'),
        },
      ],
    });
  });

  test('what is past its deadline is served to nobody, swept or not', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await fill(conversation, alice, [10, 10, 10]);
    await world.database.query(
      `UPDATE messages.entries SET expires_at = clock_timestamp() WHERE conversation_id = $1 AND seq IN (3, 4)`,
      [conversation],
    );
    expect(await fetchOne(bob, conversation, 1)).toMatchObject({ through: 4, entries: [{ seq: 2 }] });
  });

  test('keeps 200 entries and 1 MB over all conversations, but gives at least one entry', async () => {
    const people = [newPerson(), newPerson()] as const;
    const [alice, bob] = people;
    const [large, many, last] = [
      await converse(world.log, people),
      await converse(world.log, people),
      await converse(world.log, people),
    ];
    await world.log.appendCommit(commit(large, alice, { body: randomBytes(1_040_000) }));
    await fill(
      many,
      alice,
      Array.from({ length: 120 }, () => 20),
    );
    await fill(
      last,
      alice,
      Array.from({ length: 120 }, () => 20),
    );
    const wish = (conversation: ConversationId, after: number, limit = 200) => ({
      conversation,
      after: seqOf(after),
      limit,
    });

    const first = await world.log.fetchEntries(bob, [wish(large, 1), wish(many, 1), wish(last, 121)]);
    expect(first.pages).toMatchObject([
      { status: 'ok', through: 2, entries: [{ seq: 2 }] },
      { status: 'deferred', conversation: many },
      { status: 'ok', through: 121, entries: [] },
    ]);
    const second = await world.log.fetchEntries(bob, [wish(many, 1), wish(last, 1), wish(large, 1)]);
    expect(second.pages.map((page) => page.status === 'ok' && page.entries.length)).toEqual([120, 80, false]);
    expect(second.pages[1]).toMatchObject({ through: 81, head: 121 });
  });

  test('ends a page at the byte that goes beyond', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await fill(
      conversation,
      alice,
      Array.from({ length: 17 }, () => 62_500),
    );
    expect(await fetchOne(bob, conversation, 1)).toMatchObject({ through: 17, head: 18 });
    const rest = await fetchOne(bob, conversation, 17);
    expect(rest).toMatchObject({ through: 18, entries: [{ seq: 18 }] });
  });

  test('tells a stranger nothing, not even whether there is such a conversation', async () => {
    const { alice, conversation } = await duo(world.log);
    for (const stranger of [newPerson(), { user: newUser(), device: alice.device }]) {
      expect(await fetchOne(stranger, conversation, 0)).toEqual({ status: 'not-member', conversation });
    }
    const unknown = newConversation();
    expect(await fetchOne(alice, unknown, 0)).toEqual({ status: 'not-member', conversation: unknown });
  });
});

describe('sync', () => {
  /** A token repeats what changed while any transaction of the server, also another test's, was running; never for ever. */
  async function untilQuiet(who: Person, token: string): Promise<string> {
    let answer = await world.log.syncDevice(who, token);
    while (answer.conversations.length > 0) answer = await world.log.syncDevice(who, answer.since);
    return answer.since;
  }

  test('tells everything without a token, and then only what changed', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    const all = await world.log.syncDevice(bob, undefined);
    expect(all).toMatchObject({ timeline: 1, left: [] });
    expect(all.conversations).toEqual([
      { id: conversation, head: 1, newestCommitSeq: 1, lastN: 0, timeline: 1 },
    ]);
    const since = await untilQuiet(bob, all.since);
    await say(world.log, message(conversation, alice, { n: 1 }));
    const next = await world.log.syncDevice(bob, since);
    expect(next.conversations).toMatchObject([{ head: 2 }]);
    await untilQuiet(bob, next.since);
  });

  test('a token that is none, or of another timeline, is answered with everything', async () => {
    const { bob, conversation } = await duo(world.log);
    for (const since of ['x', '1', '1.', '2.1', '9.99999999', '-']) {
      const { conversations } = await world.log.syncDevice(bob, since);
      expect(conversations).toMatchObject([{ id: conversation }]);
    }
  });

  test('never misses what commits out of order: the token waits for the oldest that runs', async () => {
    const slow = await duo(world.log);
    const quick = { ...(await duo(world.log)) };
    const bob = slow.bob;
    const shared = await converse(world.log, [quick.alice, bob]);
    const since = await untilQuiet(bob, (await world.log.syncDevice(bob, undefined)).since);

    // A writer takes its transaction id and dawdles; a later one commits before it.
    const writer = await world.pools.background.connect();
    await writer.query('BEGIN');
    await writer.query(
      `UPDATE messages.conversations SET head = head + 1, changed = pg_current_xact_id() WHERE conversation_id = $1`,
      [slow.conversation],
    );
    await say(world.log, message(shared, quick.alice, { n: 1 }));
    const between = await world.log.syncDevice(bob, since);
    expect(between.conversations.map(({ id }) => id)).toEqual([shared]);
    await writer.query('COMMIT');
    writer.release();
    const after = await world.log.syncDevice(bob, between.since);
    expect(after.conversations.map(({ id }) => id)).toContain(slow.conversation);
  });

  test('under load no change is ever missed', async () => {
    const bob = newPerson();
    const alices = Array.from({ length: 6 }, newPerson);
    const rooms = await Promise.all(alices.map((alice) => converse(world.log, [alice, bob])));
    const known = new Map<ConversationId, Seq>();
    let since: string | undefined;
    let isWriting = true;
    const follow = async () => {
      const answer = await world.log.syncDevice(bob, since);
      since = answer.since;
      for (const { id, head } of answer.conversations) known.set(id, head);
    };
    const follower = (async () => {
      while (isWriting) await follow();
    })();
    await Promise.all(
      rooms.map(async (room, index) => {
        for (let n = 1; n <= 60; n += 1) await say(world.log, message(room, alices[index] ?? bob, { n }));
      }),
    );
    isWriting = false;
    await follower;
    await follow();
    expect([...known.values()]).toEqual(rooms.map(() => 61));
  });

  test('attach and members name the newest commit', async () => {
    const { alice, bob, conversation } = await duo(world.log);
    await world.log.appendCommit(commit(conversation, alice, {}));
    expect(await world.log.attachDevice(bob)).toEqual([{ conversation, newestCommitSeq: 2 }]);
    expect(await world.log.attachDevice({ user: alice.user, device: bob.device })).toEqual([]);
    expect(await world.log.listMembers(conversation)).toMatchObject({
      newestCommitSeq: 2,
      members: expect.arrayContaining([{ ...bob, role: 4 }]),
    });
  });
});
