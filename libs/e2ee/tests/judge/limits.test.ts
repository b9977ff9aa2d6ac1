import { expect, test } from '@jest/globals';
import {
  CborRefusal,
  limits,
  userIdFromBytes,
  type CommitInfo,
  type DeviceId,
  type RosterEntry,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import { judge, viewGroup, type GroupView, type Leaf } from '../../src/index.js';
import { contextExtensions } from '../../src/mls/context-extensions.js';
import { withMls } from '../forge.js';
import {
  asPerson,
  deviceOf,
  human,
  newConversationId,
  packageOf,
  seq,
  serverId,
  settings,
} from '../people.js';
import { build, personOf, placeOf, startWorld } from '../world.js';

/* Groups larger than a test could make: `judge` looks at their views alone. */

const conversationId = newConversationId();

/** Users by how many devices each has; the first is the owner. */
function groupOf(devices: readonly number[], version: number, users: readonly UserId[]): GroupView {
  const roster = devices.map((_, at): RosterEntry => ({
    userId: users[at]!,
    role: at === 0 ? 4 : 2,
    since: 1,
    listVersion: 1,
    listHash: new Uint8Array(32),
  }));
  const leaves = roster.flatMap(({ userId }, at) =>
    Array.from({ length: devices[at]! }, (): Omit<Leaf, 'index'> => ({
      userId,
      deviceId: randomUUID() as DeviceId,
      signatureKey: new Uint8Array(32),
      hash: randomBytes(32),
    })),
  );
  return {
    groupId: new Uint8Array(32),
    epoch: version,
    transcriptHash: new Uint8Array(48),
    leaves: leaves.map((leaf, index) => ({ ...leaf, index })),
    state: {
      version,
      conversationId,
      kind: 'group',
      incarnation: 1,
      roster: [...roster].sort((a, b) =>
        Buffer.compare(Buffer.from(a.userId, 'base64url'), Buffer.from(b.userId, 'base64url')),
      ),
      settings,
      banned: [],
      links: [],
    },
  };
}

/** The owner adds devices: `was` and `now` say how many each user has. */
async function verdict(was: readonly number[], now: readonly number[]): Promise<string> {
  const users = now.map(() => userIdFromBytes(randomBytes(32)));
  const before = groupOf(was, 1, users);
  const grown = groupOf(now, 2, users);
  const stay = new Map(
    before.leaves.map((leaf) => [leaf.userId, before.leaves.filter((each) => each.userId === leaf.userId)]),
  );
  const taken = new Map<UserId, number>();
  const fresh: Leaf[] = [];
  for (const leaf of grown.leaves) {
    const nth = taken.get(leaf.userId) ?? 0;
    taken.set(leaf.userId, nth + 1);
    if (nth >= (stay.get(leaf.userId)?.length ?? 0)) fresh.push(leaf);
  }
  const added = fresh.map((leaf, at) => ({ ...leaf, index: before.leaves.length + at }));
  const known = new Set(before.state.roster.map((entry) => entry.userId));
  const roster = grown.state.roster.map((entry) =>
    known.has(entry.userId) ? entry : { ...entry, since: 2 },
  );
  const after: GroupView = {
    ...grown,
    state: { ...grown.state, roster },
    leaves: [...before.leaves, ...added],
  };
  const info = {
    lastCommitSeq: seq(1),
    conversationId,
    incarnation: 1,
    convKind: 'group',
    adds: [],
    removes: [],
    users: [],
    members: new Uint8Array(32),
    evidence: [],
    commitId: randomUUID(),
    head: { seq: seq(1), hash: new Uint8Array(32) },
  } as unknown as CommitInfo;
  const outcome = await judge(
    before,
    {
      serverId,
      info,
      committer: 0,
      adds: added.map(({ index }) => ({
        index,
        keyPackageRef: new Uint8Array(48),
        keyPackage: new Uint8Array(),
      })),
      removes: [],
      replacesContext: true,
      newestCommitSeq: seq(1),
    },
    after,
  );
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
/** What comes after the limits: CommitInfo doesn't name the additions. */
const passed = 'info-adds';

test('so many additions in a commit, and no more', async () => {
  const { addsPerCommit } = limits;
  expect(await verdict([1], times(addsPerCommit + 1, 1))).toBe(passed);
  expect(await verdict([1], times(addsPerCommit + 2, 1))).toBe('limits');
});

test('so many devices of a user', async () => {
  const { devicesPerUser } = limits;
  expect(await verdict([1, 1], [1, devicesPerUser])).toBe(passed);
  expect(await verdict([1, 1], [1, devicesPerUser + 1])).toBe('limits');
});

test('so many users in a group', async () => {
  const { usersPerGroup } = limits;
  expect(await verdict(times(usersPerGroup - 1, 1), times(usersPerGroup, 1))).toBe(passed);
  // One more is no state any more: its codec refuses it, and with it the commit (state-malformed).
  await expect(verdict(times(usersPerGroup, 1), times(usersPerGroup + 1, 1))).rejects.toThrow(CborRefusal);
});

test('so many devices in a group', async () => {
  const most = times(limits.devicesPerGroup / 7, 7);
  expect(await verdict([6, ...most.slice(1)], most)).toBe(passed);
  expect(await verdict(most, [8, ...most.slice(1)])).toBe('limits');
});

test('somebody more than a group takes: the wish is refused, and nothing breaks', async () => {
  const world = await startWorld({ alice: 4 });
  const alice = placeOf(world, 'alice');
  const { state } = viewGroup(alice.session);
  const others = times(limits.usersPerGroup - 1, 1).map(() => userIdFromBytes(randomBytes(32)));
  const [own] = state.roster;
  const roster = [own!, ...others.map((userId): RosterEntry => ({ ...own!, userId, role: 2 }))];
  const full = withMls(alice.session, (mls) => {
    const extensions = contextExtensions({ ...state, roster });
    return { ...mls, groupContext: { ...mls.groupContext, extensions } };
  });
  const zoe = await human('zoe');
  const { keyPackage } = await packageOf(deviceOf(zoe));
  const outcome = await build(
    world,
    { ...alice, session: full },
    { kind: 'add', people: [asPerson(zoe, 2)], keyPackages: [keyPackage] },
  );
  expect(outcome).toEqual({ kind: 'refused', reason: 'limits' });
});

test('limits: nine devices of one user, or more than fifty adds', async () => {
  const world = await startWorld({ alice: 4, bob: 3 });
  const before = viewGroup(placeOf(world, 'alice').session);
  const grow = (count: number, userId: UserId) => {
    const leaves = Array.from({ length: count }, (_, at) => ({
      index: before.leaves.length + at,
      userId,
      deviceId: crypto.randomUUID() as DeviceId,
      signatureKey: new Uint8Array(32),
      hash: Uint8Array.of(at),
    }));
    const adds = leaves.map(({ index }) => ({
      index,
      keyPackageRef: new Uint8Array(48),
      keyPackage: new Uint8Array(),
    }));
    const state = { ...before.state, version: before.state.version + 1 };
    return {
      adds,
      after: { ...before, state, epoch: before.epoch + 1, leaves: [...before.leaves, ...leaves] },
    };
  };
  const verdictOf = async (count: number) => {
    const { adds, after } = grow(count, personOf(world, 'bob').userId);
    const info = { lastCommitSeq: seq(1), evidence: [] as Statement[] } as CommitInfo;
    const commit = {
      serverId,
      info: {
        ...info,
        conversationId: before.state.conversationId,
        incarnation: 1,
        convKind: before.state.kind,
      },
      committer: 0,
      adds,
      removes: [],
      replacesContext: true,
      newestCommitSeq: seq(1),
    };
    return judge(before, commit, after);
  };
  expect(await verdictOf(8)).toEqual({ kind: 'refused', reason: 'limits' });
  expect(await verdictOf(51)).toEqual({ kind: 'refused', reason: 'limits' });
});
