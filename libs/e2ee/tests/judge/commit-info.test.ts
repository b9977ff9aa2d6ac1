import { beforeAll, describe, expect, test } from '@jest/globals';
import { commitId, type ConversationState } from '@wisp/protocol';
import type { JudgeRefusal, KeyPackageBundle } from '../../src/index.js';
import { forge, nextState, type Forgery } from '../forge.js';
import { deviceOf, packageOf, seq, type Human } from '../people.js';
import type { Place, World } from '../world.js';
import {
  fourPeople,
  verdictIn,
  outcomeIn,
  skipped,
  stateOf,
  leafOf,
  listOf,
  entryFor,
  withEntry,
  withoutUser,
  withUser,
} from './four-people.js';

/* The server went by what CommitInfo says. */

let world: World;
let alice: Place, bob: Place, carol: Place, rita: Place;
let zoe: Human;
let zoePackage: KeyPackageBundle;

beforeAll(async () => {
  ({ world, alice, bob, carol, rita, zoe, zoePackage } = await fourPeople());
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

describe('what is allowed passes', () => {
  test('an owner renames', async () => {
    const state = nextState(alice.session, { settings: { ...stateOf(alice).settings, title: 'Ours' } });
    expect(await verdictOn(alice, { state })).toBe('applied');
  });
  test('an admin brings somebody in, with her device list', async () => {
    const state = withUser(bob, entryFor(zoe));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [listOf(zoe)] })).toBe('applied');
  });
  test('an admin puts a member out', async () => {
    expect(await verdictOn(bob, { state: withoutUser(bob, carol), removes: [leafOf(carol)] })).toBe(
      'applied',
    );
  });
  test('a reader heals', async () => {
    expect(await verdictOn(rita, {})).toBe('applied');
  });
});

describe('CommitInfo has to equal the transition', () => {
  const rename = (): ConversationState =>
    nextState(alice.session, { settings: { ...stateOf(alice).settings, title: 'Ours' } });

  test.each<[JudgeRefusal, () => Forgery['info']]>([
    ['stale-commit-seq', () => ({ lastCommitSeq: seq(world.newestCommitSeq - 1) })],
    ['stale-commit-seq', () => ({ lastCommitSeq: seq(world.newestCommitSeq + 1) })],
    ['info-conversation', () => ({ conversationId: commitId.parse(crypto.randomUUID()) as never })],
    ['info-incarnation', () => ({ incarnation: 2 })],
    ['info-kind', () => ({ convKind: 'self' })],
    [
      'info-adds',
      () => ({
        adds: [{ userId: zoe.userId, deviceId: deviceOf(zoe).deviceId, keyPackageRef: zoePackage.ref }],
      }),
    ],
    ['info-removes', () => ({ removes: [{ userId: bob.human.userId, deviceId: bob.device.deviceId }] })],
    ['info-users', () => ({ users: [{ userId: bob.human.userId, role: 2 }] })],
    ['info-members', () => ({ members: new Uint8Array(32) })],
  ])('%s', async (reason, info) => {
    const changed = info();
    expect(await verdictOn(alice, { state: rename(), ...(changed && { info: changed }) })).toBe(
      skipped(reason),
    );
  });

  test('info-adds: another KeyPackage than the one that was claimed', async () => {
    const other = await packageOf(deviceOf(zoe));
    const adds = [{ userId: zoe.userId, deviceId: deviceOf(zoe).deviceId, keyPackageRef: other.ref }];
    const forgery = {
      state: withUser(bob, entryFor(zoe)),
      adds: [zoePackage],
      evidence: [listOf(zoe)],
      info: { adds },
    };
    expect(await verdictOn(bob, forgery)).toBe(skipped('info-adds'));
  });

  test('info-removes: a removal that the server is not told of', async () => {
    const forgery = { state: withoutUser(bob, carol), removes: [leafOf(carol)], info: { removes: [] } };
    expect(await verdictOn(bob, forgery)).toBe(skipped('info-removes'));
  });
});

test('a verdict depends on nothing but its arguments: the same twice', async () => {
  const { bytes } = await forge(world, carol.session, {
    state: withEntry(carol, { of: carol.human.userId, to: { role: 4 } }),
  });
  expect(await outcomeIn(world, carol, bytes)).toBe(await outcomeIn(world, carol, bytes));
});
