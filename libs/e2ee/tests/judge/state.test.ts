import { beforeAll, describe, expect, test } from '@jest/globals';
import { encodeRequiredCapabilities } from 'ts-mls';
import { commitId, type ConversationState } from '@wisp/protocol';
import type { JudgeRefusal, KeyPackageBundle } from '../../src/index.js';
import { CONVERSATION_STATE } from '../../src/mls/capabilities.js';
import { contextExtensions } from '../../src/mls/context-extensions.js';
import { nextState, type Forgery } from '../forge.js';
import { packageOf, type Human } from '../people.js';
import type { Place, World } from '../world.js';
import {
  fourPeople,
  verdictIn,
  skipped,
  leafOf,
  listOf,
  entryFor,
  withEntry,
  withoutUser,
  withUser,
} from './four-people.js';

let world: World;
let alice: Place, bob: Place, carol: Place;
let zoe: Human;
let zoePackage: KeyPackageBundle;

beforeAll(async () => {
  ({ world, alice, bob, carol, zoe, zoePackage } = await fourPeople());
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

describe('the list of context extensions is exact', () => {
  const own = () => contextExtensions(nextState(alice.session, { banned: [zoe.userId] }));
  const foreign = { extensionType: 0xf0a2, extensionData: new Uint8Array() };
  const weaker = {
    extensionType: 'required_capabilities' as const,
    extensionData: encodeRequiredCapabilities({ extensionTypes: [], proposalTypes: [], credentialTypes: [] }),
  };

  test.each([
    ['without required_capabilities', () => own().slice(1)],
    ['without our state', () => own().slice(0, 1)],
    ['empty', () => []],
    ['in the other order', () => own().reverse()],
    ['with our state twice', () => [...own(), ...own().slice(1)]],
    ['with a type that nobody requires', () => [...own(), foreign]],
    ['with weaker required_capabilities', () => [weaker, ...own().slice(1)]],
  ])('%s', async (_, extensions) => {
    expect(await verdictOn(alice, { extensions: extensions() })).toBe(skipped('extensions'));
  });

  test('a state that is none', async () => {
    const [required] = own();
    const broken = { extensionType: CONVERSATION_STATE, extensionData: Uint8Array.of(0xa0) };
    expect(await verdictOn(alice, { extensions: required ? [required, broken] : [] })).toBe(
      skipped('state-malformed'),
    );
  });

  test('a state with trailing bytes', async () => {
    const [required, state] = own();
    if (required === undefined || state === undefined) throw new Error('two extensions');
    const longer = { ...state, extensionData: Uint8Array.of(...state.extensionData, 0) };
    expect(await verdictOn(alice, { extensions: [required, longer] })).toBe(skipped('state-malformed'));
  });
});

describe('the state changes by its rules', () => {
  test.each<[JudgeRefusal, string, () => ConversationState]>([
    [
      'state-identity',
      'another conversation',
      () => nextState(alice.session, { conversationId: commitId.parse(crypto.randomUUID()) as never }),
    ],
    ['state-identity', 'another kind', () => nextState(alice.session, { kind: 'self' })],
    ['state-identity', 'another incarnation', () => nextState(alice.session, { incarnation: 2 })],
    [
      'state-parent',
      'a parent of its own making',
      () =>
        nextState(alice.session, {
          parent: { groupId: new Uint8Array(32), epoch: 1, transcriptHash: new Uint8Array(48) },
        }),
    ],
    [
      'state-version',
      'two versions at once',
      () => nextState(alice.session, { banned: [zoe.userId], version: 3 }),
    ],
    [
      'state-version',
      'the same version',
      () => nextState(alice.session, { banned: [zoe.userId], version: 1 }),
    ],
    ['state-version', 'a new version of nothing', () => nextState(alice.session, {})],
    ['state-since', "somebody's since", () => withEntry(alice, { of: bob.human.userId, to: { since: 2 } })],
    [
      'banned-user',
      'a ban of somebody who stays',
      () => nextState(alice.session, { banned: [carol.human.userId] }),
    ],
  ])('%s: %s', async (reason, _, state) => {
    expect(await verdictOn(alice, { state: state() })).toBe(skipped(reason));
  });

  test('state-since: a newcomer dated back', async () => {
    const state = withUser(bob, entryFor(zoe, { since: 1 }));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [listOf(zoe)] })).toBe(
      skipped('state-since'),
    );
  });

  test('state-version: a device comes in without a new version', async () => {
    const bundle = await packageOf(carol.device);
    expect(await verdictOn(alice, { removes: [leafOf(carol)], adds: [bundle] })).toBe(
      skipped('state-version'),
    );
  });

  test('leaf-without-user: a device that stays behind its user', async () => {
    expect(await verdictOn(bob, { state: withoutUser(bob, carol) })).toBe(skipped('leaf-without-user'));
  });
});
