import { beforeAll, expect, test } from '@jest/globals';
import type { CommitInfo, DeviceId } from '@wisp/protocol';
import { judge, viewGroup, type GroupView, type JudgedCommit, type Leaf } from '../../src/index.js';
import { seq, serverId } from '../people.js';
import { placeOf, startWorld } from '../world.js';

/*
 * `judge` believes neither MLS nor CommitInfo: what MLS would never let through is compared leaf by leaf all the same.
 */

let before: GroupView;
beforeAll(async () => {
  const world = await startWorld({ alice: 4, bob: 2, carol: 2 });
  before = viewGroup(placeOf(world, 'alice').session);
});

const ghost = (index: number): Leaf => ({
  index,
  userId: before.state.roster[0]!.userId,
  deviceId: crypto.randomUUID() as DeviceId,
  signatureKey: new Uint8Array(32),
  hash: new Uint8Array(32),
});

async function verdict(commit: Partial<JudgedCommit>, leaves: readonly Leaf[] = before.leaves) {
  // No rule is reached that looks at more of it.
  const info = { evidence: [] } as unknown as CommitInfo;
  const after = { ...before, epoch: before.epoch + 1, leaves };
  const plain = { serverId, info, committer: 0, adds: [], removes: [], replacesContext: false };
  return judge(before, { ...plain, newestCommitSeq: seq(1), ...commit }, after);
}

const add = (index: number) => ({
  index,
  keyPackageRef: new Uint8Array(48),
  keyPackage: new Uint8Array(),
});
const leafChanged = { kind: 'refused', reason: 'leaf-changed' };

test('a leaf that nobody proposed', async () => {
  expect(await verdict({}, [...before.leaves, ghost(3)])).toEqual(leafChanged);
});

test('a leaf that vanishes without a removal', async () => {
  expect(await verdict({}, before.leaves.slice(0, 2))).toEqual(leafChanged);
});

test('an addition over a leaf that stays', async () => {
  const leaves = before.leaves.map((leaf) => (leaf.index === 1 ? ghost(1) : leaf));
  expect(await verdict({ adds: [add(1)] }, leaves)).toEqual(leafChanged);
});

test('an addition that fills no leaf, a removal of none', async () => {
  expect(await verdict({ adds: [add(7)] })).toEqual(leafChanged);
  expect(await verdict({ removes: [7] })).toEqual(leafChanged);
});

test('a removal that leaves its leaf where it was', async () => {
  expect(await verdict({ removes: [1] })).toEqual(leafChanged);
});

test('a committer who is nobody, or who goes', async () => {
  expect(await verdict({ committer: 7 })).toEqual(leafChanged);
  expect(await verdict({ removes: [0] }, before.leaves.slice(1))).toEqual(leafChanged);
});

test('a committer who is somebody else afterwards', async () => {
  const hash = new Uint8Array(32);
  const [own] = before.leaves;
  const other = before.leaves[1]!;
  const { userId, signatureKey } = other;
  const deviceId = crypto.randomUUID() as DeviceId;
  for (const change of [{ userId }, { deviceId }, { signatureKey }]) {
    const leaves = [{ ...own!, hash, ...change }, ...before.leaves.slice(1)];
    expect(await verdict({}, leaves)).toEqual(leafChanged);
  }
});

test("another's leaf that is rotated by the committer", async () => {
  const leaves = before.leaves.map((leaf) =>
    leaf.index === 1 ? { ...leaf, hash: new Uint8Array(32) } : leaf,
  );
  expect(await verdict({}, leaves)).toEqual(leafChanged);
  expect(await verdict({ committer: 1 }, leaves)).not.toEqual(leafChanged);
});
