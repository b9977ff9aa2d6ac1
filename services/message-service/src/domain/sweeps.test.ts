import { describe, expect, test } from '@jest/globals';
import type { ConversationId, DeliveryItem, Seq } from '@wisp/protocol';
import { newConversation, newUser, seqOf } from '../../tests/messages.js';
import type { Announcements } from './announcements.js';
import { createAccountEndings } from './end-memberships.js';
import { createReadForgetter } from './forget-read.js';
import { createRetention } from './retain.js';
import { createExpirySweep } from './sweep-expired.js';

function listening(): { told: DeliveryItem[]; announcements: Announcements } {
  const told: DeliveryItem[] = [];
  return { told, announcements: { announce: (_, items) => Promise.resolve(told.push(...items) >= 0) } };
}

describe('the expiry sweep', () => {
  function sweepOver(counts: readonly number[]) {
    const left = [...counts];
    const lookbacks: (number | undefined)[] = [];
    let now = 0;
    const { told, announcements } = listening();
    const sweep = createExpirySweep({
      log: {
        expireEntries({ lookbackMs }) {
          lookbacks.push(lookbackMs);
          const count = left.shift() ?? 0;
          const conversation = newConversation();
          const gone = [{ conversation, newestCommitSeq: seqOf(1), seqs: [seqOf(2)] }];
          return Promise.resolve({ gone: count > 0 ? gone : [], count, latestBy: 0 });
        },
        timeline: () => 1,
      },
      announcements,
      observer: { expired: () => undefined },
      now: () => now,
    });
    return { told, lookbacks, pass: (ms: number) => (now += ms), run: () => sweep.run() };
  }

  test('looks at all at first, then as far back as the last sweep and a minute, now and then at all again', async () => {
    const world = sweepOver([]);
    await world.run();
    world.pass(500);
    await world.run();
    world.pass(700);
    await world.run();
    world.pass(600_000);
    await world.run();
    expect(world.lookbacks).toEqual([undefined, 60_500, 60_700, undefined]);
  });

  test('goes on while batches are full, and tells each', async () => {
    const world = sweepOver([2_000, 2_000, 10]);
    await world.run();
    expect(world.lookbacks).toHaveLength(3);
    expect(world.told).toHaveLength(3);
  });
});

test('after-read: each conversation is looked at once per mark, however many moved', async () => {
  const asked: (readonly ConversationId[])[] = [];
  const left = [2_000, 5];
  const forget = createReadForgetter({
    log: {
      forgetAcknowledged(conversations) {
        asked.push(conversations);
        return Promise.resolve(left.shift() ?? 0);
      },
    },
  });
  const [one, other] = [newConversation(), newConversation()];
  for (const conversation of [one, other, one]) forget.add(conversation);
  await forget.run();
  await forget.run();
  expect(asked).toEqual([
    [one, other],
    [one, other],
  ]);
});

test('retention walks on where it was, and stays while a step was full', async () => {
  const ids = Array.from({ length: 25 }, newConversation).sort();
  const seen: (ConversationId | undefined)[] = [];
  let isFull = true;
  const retention = createRetention(
    {
      log: {
        retainEntries(after) {
          seen.push(after);
          const deleted = isFull ? 100 : 0;
          isFull = false;
          return Promise.resolve({ next: ids[after === undefined ? 0 : ids.indexOf(after) + 1], deleted });
        },
      },
      observer: { retired: () => undefined },
    },
    { conversations: 1, entries: 100, commitAge: 1, messageAge: 1 },
  );
  await retention.run();
  await retention.run();
  expect(seen.slice(0, 3)).toEqual([undefined, undefined, ids[0]]);
  expect(seen).toHaveLength(20 + 7);
  await retention.run();
  expect(seen[27]).toBeUndefined();
});

test("an account's end is tried until it is done", async () => {
  const { told, announcements } = listening();
  const user = newUser();
  const looked: string[] = [];
  let isUp = false;
  const endings = createAccountEndings({
    log: {
      endMemberships: () =>
        isUp
          ? Promise.resolve({
              timeline: 1,
              conversations: [{ conversation: newConversation(), newestCommitSeq: 1 as Seq, devices: [] }],
            })
          : Promise.reject(new Error('away')),
    },
    announcements,
    forget: { add: (conversation) => void looked.push(conversation) },
  });
  endings.add(user);
  await expect(endings.run()).rejects.toThrow('away');
  isUp = true;
  await endings.run();
  await endings.run();
  expect(told).toMatchObject([{ kind: 'ended', user }]);
  expect(looked).toHaveLength(1);
});
