import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConversationId, Seq } from '@wisp/protocol';
import { runMigrations } from '@wisp/service-kit';
import { acceptCommit, type CommitInput, type CommitPorts } from '../src/domain/accept-commit.js';
import { finishOverdue } from '../src/domain/finish-commit.js';
import { createCommitLog } from '../src/events/commit-log.js';
import { createDirectory } from '../src/events/directory.js';
import { createNotices } from '../src/events/notices.js';
import { createCommitStore } from '../src/store/commit-store.js';
import { connectDatabase, type Database } from '../src/store/connect-database.js';
import { createRequestStore } from '../src/store/request-store.js';
import { firstCommit, makeCommit, type Group, type TestCommit } from './commits.js';
import { firstDevice, listStatement, makeDevice, makePerson, SERVER, type Person } from './people.js';
import { logger, migrations, startSurroundings, type Surroundings } from './world.js';

let around: Surroundings;
let database: Database;
beforeAll(async () => {
  around = await startSurroundings();
  await runMigrations({ databaseUrl: around.database.url, schema: 'groups', dir: migrations, logger });
  database = connectDatabase({ databaseUrl: around.database.url, connections: 8 });
});
afterAll(async () => {
  await database.$disconnect();
  await around.stop();
});

class Killed extends Error {}
/** Where a replica dies: nothing after it happens in that process any more. */
const points = ['before claim', 'after claim', 'before append', 'after append', 'after apply'] as const;
type Point = (typeof points)[number];

/** A replica of the domain over the real database and log, which dies at a point. */
async function replica(dies?: Point): Promise<CommitPorts> {
  const bus = await around.connect();
  const commits = createCommitStore(database);
  const log = createCommitLog(bus);
  const at = (point: Point) => {
    if (point === dies) throw new Killed(point);
  };
  return {
    serverId: SERVER,
    requests: createRequestStore(database),
    directory: createDirectory(bus),
    notices: createNotices({ bus, logger }),
    commits: {
      ...commits,
      async claim(commit, judgedAt) {
        at('before claim');
        const outcome = await commits.claim(commit, judgedAt);
        at('after claim');
        return outcome;
      },
      async apply(commit, place) {
        const record = await commits.apply(commit, place);
        at('after apply');
        return record;
      },
    },
    log: {
      ...log,
      async append(commit) {
        at('before append');
        const verdict = await log.append(commit);
        at('after append');
        return verdict;
      },
    },
  };
}

function input(person: Person, commit: TestCommit, target?: CommitInput['target']): CommitInput {
  return {
    caller: { user: person.user, device: firstDevice(person).id },
    conversation: commit.after.conversation,
    target: target ?? { opens: undefined },
    commit: commit.bytes,
    welcome: commit.welcome,
  };
}

const create = { opens: 'create', kind: 'direct' } as const;

function pair(): { alice: Person; bob: Person; first: TestCommit } {
  const [alice, bob] = [makePerson(), makePerson()];
  around.auth.add(alice, bob);
  return {
    alice,
    bob,
    first: firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] }),
  };
}

async function openPair() {
  const { alice, bob, first } = pair();
  const outcome = await acceptCommit(await replica(), input(alice, first, create));
  if (outcome.kind !== 'appended') throw new Error(outcome.kind);
  const group: Group = { ...first.after, lastCommitSeq: outcome.record.seq };
  return { alice, bob, group };
}

/** As if every pending commit had been left behind a while ago. */
const grow = () =>
  around.database.query(`update groups.pending_commits set tried_at = now() - interval '2 seconds'`);

async function stateOf(conversation: ConversationId) {
  const [row] = await around.database.query<{
    seq: string;
    incarnation: number;
    pending: string;
    welcomes: string;
  }>(
    `select newest_commit_seq as seq, incarnation,
       (select count(*) from groups.pending_commits p where p.conversation_id = c.conversation_id) as pending,
       (select count(*) from groups.welcomes w where w.conversation_id = c.conversation_id) as welcomes
     from groups.conversations c where conversation_id = $1`,
    [conversation],
  );
  return (
    row && { ...row, seq: Number(row.seq), pending: Number(row.pending), welcomes: Number(row.welcomes) }
  );
}

/** Three kinds of commits, each with whoever makes it. */
const stories: Record<string, () => Promise<{ wish: CommitInput; expected: object }>> = {
  'the first commit of a conversation': () => {
    const { alice, first } = pair();
    return Promise.resolve({
      wish: input(alice, first, create),
      expected: { seq: 1, incarnation: 1, welcomes: 1 },
    });
  },
  'a commit that brings a device in': async () => {
    const { alice, bob, group } = await openPair();
    const device = makeDevice();
    const grown = { ...bob, version: 2, devices: [...bob.devices, device] };
    around.auth.add(grown);
    const commit = makeCommit(group, { adds: [{ person: grown, device }], evidence: [listStatement(grown)] });
    return { wish: input(alice, commit), expected: { seq: 2, incarnation: 1, welcomes: 2 } };
  },
  'the next incarnation': async () => {
    const { alice, bob, group } = await openPair();
    const commit = firstCommit({
      kind: 'direct',
      opener: bob,
      others: [{ person: alice, role: 4 }],
      conversation: group.conversation,
      incarnation: 2,
      lastCommitSeq: group.lastCommitSeq,
    });
    const wish = input(bob, commit, { opens: 'incarnation' });
    return { wish, expected: { seq: 2, incarnation: 2, welcomes: 2 } };
  },
};

describe.each(Object.keys(stories))('death during %s', (name) => {
  const tell = () => {
    const story = stories[name];
    if (story === undefined) throw new Error('no such story');
    return story();
  };

  test.each(points)('%s: the client’s retry at another replica gets it done, once', async (point) => {
    const { wish, expected } = await tell();
    await expect(acceptCommit(await replica(point), wish)).rejects.toThrow(Killed);
    const outcome = await acceptCommit(await replica(), wish);
    expect(outcome).toMatchObject({ kind: 'appended', record: { conversation: wish.conversation } });
    expect(await stateOf(wish.conversation)).toMatchObject({ ...expected, pending: 0 });
    const again = await acceptCommit(await replica(), wish);
    expect(again).toEqual(outcome);
    const entries = await around.entries(wish.conversation);
    expect(new Set(entries.map((entry) => entry.commit_id)).size).toBe(entries.length);
    expect(entries).toHaveLength((await stateOf(wish.conversation))?.seq ?? 0);
  });

  test.each(points.slice(1))('%s: another replica finishes it without the client', async (point) => {
    const { wish, expected } = await tell();
    await expect(acceptCommit(await replica(point), wish)).rejects.toThrow(Killed);
    await grow();
    const others = await Promise.all([replica(), replica()]);
    const taken = await Promise.all(others.map((ports) => finishOverdue(ports, 50)));
    expect(taken.reduce((sum, count) => sum + count)).toBe(point === 'after apply' ? 0 : 1);
    expect(await stateOf(wish.conversation)).toMatchObject({ ...expected, pending: 0 });
    expect(await acceptCommit(await replica(), wish)).toMatchObject({ kind: 'appended' });
  });
});

describe('what was left behind', () => {
  test('isn’t taken up while it may still be in good hands', async () => {
    const { alice, first } = pair();
    const wish = input(alice, first, create);
    await expect(acceptCommit(await replica('before append'), wish)).rejects.toThrow(Killed);
    expect(await finishOverdue(await replica(), 50)).toBe(0);
    await grow();
    expect(await finishOverdue(await replica(), 50)).toBe(1);
    expect(await finishOverdue(await replica(), 50)).toBe(0);
  });

  test('is finished before another commit is judged', async () => {
    const { alice, bob, group } = await openPair();
    const lost = makeCommit(group);
    await expect(acceptCommit(await replica('after append'), input(alice, lost))).rejects.toThrow(Killed);
    const late = await acceptCommit(await replica(), input(bob, makeCommit(group)));
    expect(late).toEqual({ kind: 'stale', newestCommitSeq: 2 });
    const next = makeCommit({ ...group, lastCommitSeq: 2 as Seq });
    expect(await acceptCommit(await replica(), input(bob, next))).toMatchObject({ kind: 'appended' });
  });

  test('is applied and rung for once, however many finish it', async () => {
    const { alice, first } = pair();
    const wish = input(alice, first, create);
    await expect(acceptCommit(await replica('before append'), wish)).rejects.toThrow(Killed);
    const heard = around.notices.length;
    const all = await Promise.all([replica(), replica(), replica(), replica()]);
    const outcomes = await Promise.all(all.map((ports) => acceptCommit(ports, wish)));
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    await around.bus.flush();
    expect(around.notices.slice(heard)).toHaveLength(1);
    expect(await around.entries(wish.conversation)).toHaveLength(1);
  });

  test('keeps its pair only as long as it may come true', async () => {
    const { alice, bob, first } = pair();
    await around.stopLog();
    const wish = input(alice, first, create);
    expect(await acceptCommit(await replica(), wish)).toEqual({ kind: 'unavailable' });
    const second = firstCommit({ kind: 'direct', opener: bob, others: [{ person: alice, role: 4 }] });
    const rival = input(bob, second, create);
    expect(await acceptCommit(await replica(), rival)).toEqual({ kind: 'unavailable' });
    expect(await finishOverdue(await replica(), 50)).toBe(0);
    await around.startLog();
    expect(await acceptCommit(await replica(), rival)).toEqual({
      kind: 'direct-exists',
      conversation: first.after.conversation,
    });
    expect(await acceptCommit(await replica(), wish)).toMatchObject({ kind: 'appended' });
  });

  test('gives its pair free when the log refuses it', async () => {
    const { alice, bob, first } = pair();
    const wish = input(alice, first, create);
    await expect(acceptCommit(await replica('before append'), wish)).rejects.toThrow(Killed);
    // Somebody else's conversation takes the id in the log meanwhile.
    const ports = await replica();
    const pending = await ports.commits.readPending(first.after.conversation);
    if (pending === null) throw new Error('nothing is pending');
    const other = firstCommit({ kind: 'direct', opener: bob, others: [{ person: alice, role: 4 }] });
    const foreign = {
      ...pending,
      commitId: other.info.commitId,
      body: other.bytes,
      delta: { ...pending.delta, adds: [] },
      caller: { user: bob.user, device: firstDevice(bob).id },
    };
    expect(await ports.log.append(foreign)).toMatchObject({ kind: 'appended' });
    await grow();
    expect(await finishOverdue(ports, 50)).toBe(1);
    expect(await stateOf(first.after.conversation)).toBeUndefined();
    const next = firstCommit({ kind: 'direct', opener: alice, others: [{ person: bob, role: 4 }] });
    expect(await acceptCommit(await replica(), input(alice, next, create))).toMatchObject({
      kind: 'appended',
    });
  });

  test('goes in order, and stops where the log is away', async () => {
    const wishes = [];
    for (let round = 0; round < 3; round += 1) {
      const { alice, first } = pair();
      wishes.push(input(alice, first, create));
    }
    for (const wish of wishes) {
      await expect(acceptCommit(await replica('before append'), wish)).rejects.toThrow(Killed);
    }
    await grow();
    const ports = await replica();
    const tried: ConversationId[] = [];
    await finishOverdue(
      {
        ...ports,
        log: {
          append: (commit) => {
            tried.push(commit.conversation);
            return Promise.resolve({ kind: 'unavailable' });
          },
        },
      },
      50,
    );
    expect(tried).toEqual([wishes[0]?.conversation]);
    expect(await finishOverdue(ports, 50)).toBe(0);
    await grow();
    const order: ConversationId[] = [];
    const finishing = {
      ...ports,
      log: {
        append: (commit: Parameters<typeof ports.log.append>[0]) => {
          order.push(commit.conversation);
          return ports.log.append(commit);
        },
      },
    };
    expect(await finishOverdue(finishing, 50)).toBe(3);
    expect(order).toEqual(wishes.map(({ conversation }) => conversation));
  });
});
