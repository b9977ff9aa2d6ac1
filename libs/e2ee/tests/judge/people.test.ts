import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ConversationState } from '@wisp/protocol';
import { viewGroup, type JudgeRefusal, type KeyPackageBundle } from '../../src/index.js';
import { forge, nextState, type Forgery } from '../forge.js';
import { addDevice, packageOf, type Human } from '../people.js';
import {
  build,
  built,
  deliver,
  join,
  outcomes,
  placeOf,
  startWorld,
  type Place,
  type World,
} from '../world.js';
import {
  fourPeople,
  verdictIn,
  skipped,
  stateOf,
  leafOf,
  listOf,
  entryFor,
  withEntry,
  withoutUser,
  withUser,
} from './four-people.js';

/* Who may bring in, put out and change whom. */

let world: World;
let alice: Place, bob: Place, carol: Place, rita: Place;
let zoe: Human;
let zoePackage: KeyPackageBundle;

beforeAll(async () => {
  ({ world, alice, bob, carol, rita, zoe, zoePackage } = await fourPeople());
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

describe('roles count as they were before', () => {
  test.each<[JudgeRefusal, string, () => [Place, Forgery]]>([
    [
      'role-settings',
      'a member sets the title',
      () => [
        carol,
        { state: nextState(carol.session, { settings: { ...stateOf(carol).settings, title: 'Mine' } }) },
      ],
    ],
    [
      'role-settings',
      'a member sets the timer',
      () => [
        carol,
        {
          state: nextState(carol.session, {
            settings: { ...stateOf(carol).settings, timer: { mode: 'after-send', ttl: 5 } },
          }),
        },
      ],
    ],
    [
      'role-settings',
      'a reader bans',
      () => [rita, { state: nextState(rita.session, { banned: [zoe.userId] }) }],
    ],
    [
      'role-settings',
      'a member makes a link',
      () => [
        carol,
        {
          state: nextState(carol.session, {
            links: [{ linkId: new Uint8Array(16), secret: new Uint8Array(32), role: 2 }],
          }),
        },
      ],
    ],
    [
      'role-change',
      'a member crowns herself',
      () => [carol, { state: withEntry(carol, { of: carol.human.userId, to: { role: 4 } }) }],
    ],
    [
      'role-change',
      'an admin raises a member',
      () => [bob, { state: withEntry(bob, { of: carol.human.userId, to: { role: 3 } }) }],
    ],
    [
      'role-change',
      'an admin takes the crown',
      () => [bob, { state: withEntryCrowned(withEntry(bob, { of: alice.human.userId, to: { role: 2 } })) }],
    ],
    [
      'no-owner',
      'an admin lowers the last owner',
      () => [bob, { state: withEntry(bob, { of: alice.human.userId, to: { role: 2 } }) }],
    ],
    [
      'role-change',
      'a reader lowers a member',
      () => [rita, { state: withEntry(rita, { of: carol.human.userId, to: { role: 1 } }) }],
    ],
    [
      'role-remove',
      'a member puts a reader out',
      () => [carol, { state: withoutUser(carol, rita), removes: [leafOf(rita)] }],
    ],
    [
      'role-remove',
      'an admin puts the owner out',
      () => [bob, { state: withEntryCrowned(withoutUser(bob, alice)), removes: [leafOf(alice)] }],
    ],
    ['role-add', 'a member brings somebody in', () => [carol, addZoe(carol)]],
    ['role-add', 'an admin brings an admin in', () => [bob, addZoe(bob, 3)]],
    [
      'no-owner',
      'the last owner steps down',
      () => [alice, { state: withEntry(alice, { of: alice.human.userId, to: { role: 2 } }) }],
    ],
  ])('%s: %s', async (reason, _, make) => {
    const [by, forgery] = make();
    expect(await verdictOn(by, forgery)).toBe(skipped(reason));
  });

  test('an admin lowers a member, an owner gives any role', async () => {
    expect(await verdictOn(bob, { state: withEntry(bob, { of: carol.human.userId, to: { role: 1 } }) })).toBe(
      'applied',
    );
    expect(
      await verdictOn(alice, { state: withEntry(alice, { of: rita.human.userId, to: { role: 4 } }) }),
    ).toBe('applied');
    expect(await verdictOn(alice, addZoe(alice, 4))).toBe('applied');
  });

  function addZoe(by: Place, role: 2 | 3 | 4 = 2): Forgery {
    return { state: withUser(by, entryFor(zoe, { role })), adds: [zoePackage], evidence: [listOf(zoe)] };
  }
  function withEntryCrowned(state: ConversationState): ConversationState {
    const roster = state.roster.map((entry) =>
      entry.userId === bob.human.userId ? { ...entry, role: 4 as const } : entry,
    );
    return { ...state, roster };
  }
});

describe('direct and self conversations', () => {
  test('direct-people: no commit moves users or roles', async () => {
    const home = await startWorld({ dora: 4, emil: 4 }, { kind: 'direct' });
    const dora = placeOf(home, 'dora');
    const emil = placeOf(home, 'emil');
    const { state } = viewGroup(dora.session);
    const third = [...state.roster, entryFor(zoe)];
    const say = async (forgery: Forgery) => {
      const { bytes } = await forge(home, dora.session, forgery);
      const outcome = (await outcomes(home, bytes)).get(emil);
      return outcome !== undefined && 'reason' in outcome ? outcome.reason : outcome?.kind;
    };
    expect(
      await say({
        state: nextState(dora.session, { roster: third }),
        adds: [zoePackage],
        evidence: [listOf(zoe)],
      }),
    ).toBe('direct-people');
    const lowered = state.roster.map((entry) =>
      entry.userId === emil.human.userId ? { ...entry, role: 2 as const } : entry,
    );
    expect(await say({ state: nextState(dora.session, { roster: lowered }) })).toBe('direct-people');
    const alone = state.roster.filter((entry) => entry.userId === dora.human.userId);
    expect(await say({ state: nextState(dora.session, { roster: alone }), removes: [1] })).toBe(
      'direct-people',
    );
    // Two owners still, but another peer.
    const swapped = state.roster.map((entry) =>
      entry.userId === emil.human.userId ? entryFor(zoe, { role: 4 }) : entry,
    );
    expect(
      await say({
        state: nextState(dora.session, { roster: swapped }),
        removes: [1],
        adds: [zoePackage],
        evidence: [listOf(zoe)],
      }),
    ).toBe('direct-people');
    const timer = { mode: 'after-read' as const, ttl: 60 };
    expect(await say({ state: nextState(dora.session, { settings: { ...state.settings, timer } }) })).toBe(
      'applied',
    );
  });

  test('self-people: nobody else comes into a self conversation', async () => {
    const home = await startWorld({ sam: 4 }, { kind: 'self' });
    const sam = placeOf(home, 'sam');
    const phone = await addDevice(sam.human);
    const bundle = await packageOf(phone);
    const pending = await built(home, sam, {
      kind: 'devices',
      lists: [sam.human.list],
      keyPackages: [bundle.keyPackage],
    });
    await deliver(home, sam, pending);
    await join(home, { pending, person: sam.human, device: phone, bundle });
    const outcome = await build(home, sam, {
      kind: 'add',
      people: [{ userId: zoe.userId, role: 2, deviceList: zoe.list }],
      keyPackages: [zoePackage.keyPackage],
    });
    expect(outcome).toEqual({ kind: 'refused', reason: 'self-people' });
  });
});
