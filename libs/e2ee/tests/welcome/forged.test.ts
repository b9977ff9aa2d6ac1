import { describe, expect, test } from '@jest/globals';
import { createCommit, encodeMlsMessage, type ClientState, type LeafNode } from 'ts-mls';
import type { ConversationState } from '@wisp/protocol';
import {
  certifyDevice,
  readWelcome,
  SUITE,
  viewGroup,
  welcomeRefs,
  type OwnDevice,
} from '../../src/index.js';
import { contextExtensions } from '../../src/mls/context-extensions.js';
import { loadSuite } from '../../src/mls/suite.js';
import { openSession } from '../../src/session/session-data.js';
import { plantedKey } from '../cheats.js';
import { forge, nextState, packageIn, withMls } from '../forge.js';
import {
  deviceOf,
  human,
  keyring,
  makeDevice,
  newConversationId,
  packageOf,
  serverId,
  type Human,
} from '../people.js';
import { placeOf, startWorld } from '../world.js';
import {
  alice,
  bob,
  type Fake,
  begin,
  fakeWelcome,
  read,
  expectation,
  admitted,
  entry,
  rosterOf,
} from './alice-and-bob.js';

describe('a forged Welcome is refused with its reason, and the right one works after it', () => {
  test.each<[string, (zoe: Human) => Promise<Fake> | Fake]>([
    ['conversation', () => ({ state: (state) => ({ ...state, conversationId: newConversationId() }) })],
    ['kind', () => ({ state: (state) => ({ ...state, kind: 'group' }) })],
    [
      'direct-people',
      (zoe) => ({
        state: (state) => ({ ...state, roster: [...state.roster, { ...rosterOf(zoe), role: 4 }] }),
      }),
    ],
    ['direct-people', () => ({ state: (state) => entry(state, bob.userId, { role: 2 }) })],
    ['leaf-without-user', async (zoe) => ({ extra: [await packageOf(deviceOf(zoe))] })],
    ['leaf-without-user', async () => ({ creator: await stranger() })],
    [
      'device-unlisted',
      async () => ({ extra: [await packageOf(await makeDevice(alice.identitySeed, alice.userId))] }),
    ],
    ['device-unlisted', async () => ({ creator: await makeDevice(alice.identitySeed, alice.userId) })],
    ['device-list-missing', () => ({ state: (state) => entry(state, alice.userId, { listVersion: 2 }) })],
    [
      'device-list-version',
      () => ({ state: (state) => entry(state, alice.userId, { listHash: new Uint8Array(32) }) }),
    ],
    ['duplicate-device', async () => ({ extra: [await packageOf(await twinOf(deviceOf(alice), alice))] })],
  ])('%s', async (reason, make) => {
    const { bundle, conversationId, right, session } = await begin();
    const zoe = await human('zoe');
    const forged = await fakeWelcome(bundle, viewGroup(session).state, await make(zoe));
    const expected = expectation(conversationId, { kind: 'direct' });
    expect(await admitted(await read(forged, bundle), expected)).toBe(reason);
    expect(await admitted(await read(right, bundle), expected)).toBe('admitted');
  });

  test.each<[string, Fake]>([
    ['extensions', { extensions: (state) => contextExtensions(state).reverse() }],
    [
      'extensions',
      { extensions: (state) => [...contextExtensions(state), ...contextExtensions(state).slice(1)] },
    ],
    ['extensions', { extensions: (state) => contextExtensions(state).slice(1) }],
    ['extensions', { infoExtensions: [{ extensionType: 0xf0a7, extensionData: new Uint8Array() }] }],
    [
      'state-malformed',
      {
        extensions: (state) =>
          contextExtensions(state).map((each, at) =>
            at === 0 ? each : { ...each, extensionData: new Uint8Array(3) },
          ),
      },
    ],
  ])('%s, as soon as it is read', async (reason, fake) => {
    const { bundle, conversationId, right, session } = await begin();
    const forged = await fakeWelcome(bundle, viewGroup(session).state, fake);
    expect(await readWelcome(forged, { me: deviceOf(bob), ...keyring([bundle]) })).toEqual({
      kind: 'refused',
      reason,
    });
    expect(await admitted(await read(right, bundle), expectation(conversationId))).toBe('admitted');
  });

  test.each<[string, (state: ConversationState) => ConversationState]>([
    [
      'no-owner',
      (state) => ({
        ...entry(entry(state, bob.userId, { role: 2 }), alice.userId, { role: 3 }),
        kind: 'group',
      }),
    ],
    ['self-people', (state) => ({ ...state, kind: 'self' })],
    ['state-malformed', (state) => ({ ...state, kind: 'group', banned: [bob.userId] })],
  ])('%s, whatever kind was expected', async (reason, state) => {
    const { bundle, conversationId, session } = await begin();
    const forged = await fakeWelcome(bundle, viewGroup(session).state, { state });
    expect(await admitted(await read(forged, bundle), { conversationId, knownGroups: [] })).toBe(reason);
  });

  test.each<[string, string, (leaf: LeafNode) => LeafNode]>([
    [
      'capabilities',
      'a leaf that could not follow a commit of ours',
      (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [0xf0a1] } }),
    ],
    [
      'leaf-certificate',
      'a leaf with an extension',
      (leaf) => ({
        ...leaf,
        capabilities: { ...leaf.capabilities, extensions: [...leaf.capabilities.extensions, 0xf0a7] },
        extensions: [{ extensionType: 0xf0a7, extensionData: Uint8Array.of(1) }],
      }),
    ],
  ])('%s: %s', async (reason, _, change) => {
    const { conversationId, session } = await begin();
    const lame = withMls(session, (mls) => {
      const ratchetTree = mls.ratchetTree.map((node) =>
        node?.nodeType === 'leaf' && node.leaf.signaturePublicKey === leafKey(mls)
          ? { ...node, leaf: change(node.leaf) }
          : node,
      );
      return { ...mls, ratchetTree };
    });
    const tablet = await makeDevice(bob.identitySeed, bob.userId);
    const second = await packageOf(tablet);
    const { welcome } = await createCommit(
      { state: openSession(lame).mls, cipherSuite: await loadSuite() },
      {
        extraProposals: [
          { proposalType: 'add', add: { keyPackage: packageIn(second) } },
          // With a change of the context the forger's own leaf is made anew, as it is now.
          {
            proposalType: 'group_context_extensions',
            groupContextExtensions: { extensions: contextExtensions(viewGroup(session).state) },
          },
        ],
        ratchetTreeExtension: true,
      },
    );
    if (welcome === undefined) throw new Error('no Welcome');
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
    const found = await read(bytes, second, tablet);
    expect(await admitted(found, { conversationId, knownGroups: [] })).toBe(reason);
  });

  test('direct-people: of another than the peer who was expected', async () => {
    const { bundle, conversationId, right } = await begin();
    const expected = expectation(conversationId, { peer: (await human('zoe')).userId });
    expect(await admitted(await read(right, bundle), expected)).toBe('direct-people');
    const anybody = { conversationId, knownGroups: [] };
    expect(await admitted(await read(right, bundle), anybody)).toBe('admitted');
  });

  test('malformed, without a KeyPackage of ours, of another suite, unreadable', async () => {
    const { bundle, right } = await begin();
    const refusal = async (welcome: Uint8Array, bundles = [bundle]) => {
      const reading = await readWelcome(welcome, { me: deviceOf(bob), ...keyring(bundles) });
      return reading.kind === 'refused' ? reading.reason : reading.kind;
    };
    expect(welcomeRefs(right)).toEqual([bundle.ref]);
    expect(welcomeRefs(new Uint8Array(9))).toEqual([]);
    expect(await refusal(right.slice(0, -1))).toBe('malformed');
    expect(await refusal(Uint8Array.of(...right, 0))).toBe('malformed');
    expect(await refusal(bundle.keyPackage)).toBe('malformed');
    expect(await refusal(right, [])).toBe('no-key-package');
    const otherSuite = right.slice();
    otherSuite[5] = 1;
    expect(await refusal(otherSuite)).toBe('suite');
    const flipped = right.slice();
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    expect(await refusal(flipped)).toBe('unreadable');
    expect(await refusal(right)).toBe('read');
  });

  test('path-secret: one that does not give the keys in the tree', async () => {
    const world = await startWorld({ alice: 4, bob: 2, carol: 2 });
    const zoe = await human('zoe');
    const bundle = await packageOf(deviceOf(zoe));
    const owner = placeOf(world, 'alice');
    const state = nextState(owner.session, {
      roster: [...viewGroup(owner.session).state.roster, { ...rosterOf(zoe), since: 2 }],
    });
    const suite = await plantedKey(2);
    const forged = await forge(world, owner.session, { state, adds: [bundle], suite });
    if (forged.welcome === null) throw new Error('no Welcome');
    const reading = await readWelcome(forged.welcome, { me: deviceOf(zoe), ...keyring([bundle]) });
    expect(reading).toEqual({ kind: 'refused', reason: 'path-secret' });
  });
});

const leafKey = (mls: ClientState): Uint8Array | undefined => {
  const node = mls.ratchetTree[2 * mls.privatePath.leafIndex];
  return node?.nodeType === 'leaf' ? node.leaf.signaturePublicKey : undefined;
};

async function stranger(): Promise<OwnDevice> {
  return deviceOf(await human('stranger'));
}

/** A device of Alice with the id of another one of hers. */
async function twinOf(device: OwnDevice, person: Human): Promise<OwnDevice> {
  const twin = await makeDevice(person.identitySeed, person.userId);
  const certificate = await certifyDevice({
    identitySeed: person.identitySeed,
    serverId,
    deviceId: device.deviceId,
    leafSignatureKey: twin.signatureKey.publicKey,
    suite: SUITE,
  });
  return { ...twin, deviceId: device.deviceId, certificate };
}
