import { beforeAll, describe, expect, test } from '@jest/globals';
import { createCommit, encodeMlsMessage, type ClientState, type Extension, type LeafNode } from 'ts-mls';
import type { ConversationState, RosterEntry } from '@wisp/protocol';
import {
  admitWelcome,
  adoptPending,
  beginConversation,
  certifyDevice,
  readWelcome,
  SUITE,
  viewGroup,
  welcomeRefs,
  type KeyPackageBundle,
  type OwnDevice,
  type ReadWelcome,
  type Session,
  type WelcomeExpectation,
} from '../src/index.js';
import { contextExtensions } from '../src/mls/context-extensions.js';
import { loadSuite } from '../src/mls/suite.js';
import { openSession, sealSession } from '../src/session/session-data.js';
import { plantedKey } from './cheats.js';
import { forge, nextState, packageIn, withMls } from './forge.js';
import {
  addDevice,
  asPerson,
  deviceOf,
  human,
  keyring,
  makeDevice,
  newConversationId,
  NOW,
  packageOf,
  seq,
  serverId,
  settings,
  zeroHead,
  type Human,
} from './people.js';
import { built, commit, invite, join, personOf, placeOf, startWorld, type World } from './world.js';

let alice: Human, bob: Human;

beforeAll(async () => {
  [alice, bob] = [await human('alice'), await human('bob')];
});

interface Fake {
  readonly state?: (right: ConversationState) => ConversationState;
  readonly extra?: KeyPackageBundle[];
  readonly creator?: OwnDevice;
  readonly extensions?: (right: ConversationState) => ReturnType<typeof contextExtensions>;
  readonly infoExtensions?: Extension[];
}

/** A direct conversation that Alice begins with Bob. */
async function begin() {
  const bundle = await packageOf(deviceOf(bob));
  const conversationId = newConversationId();
  const outcome = await beginConversation({
    me: deviceOf(alice),
    now: NOW,
    conversationId,
    incarnation: 1,
    kind: 'direct',
    people: [asPerson(alice, 4), asPerson(bob, 4)],
    keyPackages: [bundle.keyPackage],
    settings,
    lastCommitSeq: seq(0),
    head: zeroHead,
  });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  const right = outcome.pending;
  if (right.welcome === null) throw new Error('no Welcome');
  const session = adoptPending(right, { current: null, acceptedAt: NOW });
  return { bundle, conversationId, right: right.welcome, session };
}

/** A Welcome to Bob into a group that only a forger makes: its state at epoch 0 is whatever `state` says. */
async function fakeWelcome(
  bundle: KeyPackageBundle,
  right: ConversationState,
  fake: Fake,
): Promise<Uint8Array> {
  const creator = fake.creator ?? deviceOf(alice);
  const begun = await beginConversation({
    me: creator,
    now: NOW,
    conversationId: right.conversationId,
    incarnation: 1,
    kind: 'self',
    people: [{ ...asPerson(alice, 4), userId: creator.userId, deviceList: fakeList(creator) }],
    keyPackages: [],
    settings,
    lastCommitSeq: seq(0),
    head: zeroHead,
  });
  if (begun.kind === 'refused') throw new Error(begun.reason);
  const { mls } = openSession(adoptPending(begun.pending, { current: null, acceptedAt: NOW }));
  const extensions = (fake.extensions ?? contextExtensions)((fake.state ?? ((state) => state))(right));
  const base: ClientState = { ...mls, groupContext: { ...mls.groupContext, extensions } };
  const { welcome } = await createCommit(
    { state: base, cipherSuite: await loadSuite() },
    {
      extraProposals: [bundle, ...(fake.extra ?? [])].map((each) => ({
        proposalType: 'add' as const,
        add: { keyPackage: packageIn(each) },
      })),
      ratchetTreeExtension: true,
      groupInfoExtensions: fake.infoExtensions ?? [],
    },
  );
  if (welcome === undefined) throw new Error('no Welcome');
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
}

/** A list that the forger signs for itself, so that its own engine lets it begin. */
const fakeList = (device: OwnDevice) => ({
  ...alice.list,
  userId: device.userId,
  devices: [{ deviceId: device.deviceId, signatureKey: device.signatureKey.publicKey }],
});

async function read(welcome: Uint8Array, bundle: KeyPackageBundle, me = deviceOf(bob)): Promise<ReadWelcome> {
  const reading = await readWelcome(welcome, { me, ...keyring([bundle]) });
  if (reading.kind === 'refused') throw new Error(`unread: ${reading.reason}`);
  return reading.read;
}

const expectation = (
  conversationId: WelcomeExpectation['conversationId'],
  more: Partial<WelcomeExpectation> = {},
) => ({
  conversationId,
  knownGroups: [],
  peer: alice.userId,
  ...more,
});

async function admitted(found: ReadWelcome, expected: WelcomeExpectation, lists = [alice.list, bob.list]) {
  const outcome = await admitWelcome(found, lists, expected);
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

const entry = (
  state: ConversationState,
  userId: Human['userId'],
  change: Partial<RosterEntry>,
): ConversationState => ({
  ...state,
  roster: state.roster.map((each) => (each.userId === userId ? { ...each, ...change } : each)),
});

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

describe('the moment has to be new', () => {
  test('epoch: a Welcome of an epoch that this engine has seen is a replay', async () => {
    const { bundle, conversationId, right } = await begin();
    const found = await read(right, bundle);
    const { groupId, epoch } = found.group;
    expect(await admitted(found, expectation(conversationId, { knownGroups: [{ groupId, epoch }] }))).toBe(
      'epoch',
    );
    const older = { groupId, epoch: epoch - 1 };
    expect(await admitted(found, expectation(conversationId, { knownGroups: [older] }))).toBe('admitted');
  });

  test('kind: another one than the conversation had', async () => {
    const { bundle, conversationId, session } = await begin();
    const previous = viewGroup(session).state;
    const forged = await fakeWelcome(bundle, previous, {
      state: (state) => ({ ...state, kind: 'group', incarnation: 2 }),
    });
    const expected = { conversationId, knownGroups: [], previous: { state: previous, removedUsers: [] } };
    expect(await admitted(await read(forged, bundle), expected)).toBe('kind');
  });

  test('incarnation: another group under a number that is taken', async () => {
    const { bundle, conversationId, right, session } = await begin();
    const previous = { state: viewGroup(session).state, removedUsers: [] };
    const found = await read(right, bundle);
    const knownGroups = [{ groupId: new Uint8Array(32), epoch: 4 }];
    expect(await admitted(found, expectation(conversationId, { previous, knownGroups }))).toBe('incarnation');
  });
});

describe('a next incarnation', () => {
  async function follow(old: Session, change: { people?: ReturnType<typeof asPerson>[]; by?: Human } = {}) {
    const { state } = viewGroup(old);
    const by = change.by ?? alice;
    const bundle = await packageOf(deviceOf(by === alice ? bob : alice));
    const outcome = await beginConversation({
      me: deviceOf(by),
      now: NOW,
      conversationId: state.conversationId,
      incarnation: 2,
      kind: state.kind,
      people: change.people ?? [asPerson(alice, 4), asPerson(bob, state.kind === 'direct' ? 4 : 2)],
      keyPackages: [bundle.keyPackage],
      settings: state.settings,
      follows: viewGroup(old),
      lastCommitSeq: seq(7),
      head: { seq: seq(9), hash: new Uint8Array(32).fill(1) },
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    if (outcome.pending.welcome === null) throw new Error('no Welcome');
    return { bundle, welcome: outcome.pending.welcome, pending: outcome.pending };
  }
  const known = (session: Session) => {
    const { groupId, epoch, transcriptHash, state } = viewGroup(session);
    return { knownGroups: [{ groupId, epoch, transcriptHash }], previous: { state, removedUsers: [] } };
  };

  test('names its parent, keeps since, and is accepted', async () => {
    const { conversationId, session } = await begin();
    const { bundle, welcome } = await follow(session);
    const found = await read(welcome, bundle);
    expect(found.group.state.parent?.groupId).toEqual(viewGroup(session).groupId);
    expect(found.group.state.version).toBe(2);
    expect(found.group.state.roster.map((each) => each.since)).toEqual([1, 1]);
    expect(await admitted(found, expectation(conversationId, known(session)))).toBe('admitted');
  });

  test('previous-roster: a parent at a moment that never was', async () => {
    const { conversationId, session } = await begin();
    const bent = withMls(session, (mls) => ({
      ...mls,
      groupContext: { ...mls.groupContext, confirmedTranscriptHash: new Uint8Array(48) },
    }));
    const { bundle, welcome } = await follow(bent);
    expect(await admitted(await read(welcome, bundle), expectation(conversationId, known(session)))).toBe(
      'previous-roster',
    );
  });

  test('in a group: an owner or admin makes it, within the roster, nobody raised, nobody back', async () => {
    const group = await groupOfTwo();
    const { conversationId } = viewGroup(group).state;
    const expected = { conversationId, ...known(group) };
    const right = await follow(group);
    expect(await admitted(await read(right.welcome, right.bundle), expected)).toBe('admitted');
    const raised = await follow(group, { people: [asPerson(alice, 4), asPerson(bob, 3)] });
    expect(await admitted(await read(raised.welcome, raised.bundle), expected)).toBe('previous-roster');
    const zoe = await human('zoe');
    const people = [asPerson(alice, 4), asPerson(bob, 2), asPerson(zoe, 1)];
    const wider = await follow(group, { people });
    const lists = [alice.list, bob.list, zoe.list];
    expect(await admitted(await read(wider.welcome, wider.bundle), expected, lists)).toBe('previous-roster');
    const removed = { ...expected, previous: { ...expected.previous, removedUsers: [bob.userId] } };
    expect(await admitted(await read(right.welcome, right.bundle), removed)).toBe('previous-roster');
    const byMember = await follow(group, { by: bob });
    const found = await read(byMember.welcome, byMember.bundle, deviceOf(alice));
    expect(await admitted(found, expected)).toBe('signer-may-not-add');
  });

  async function groupOfTwo(): Promise<Session> {
    const bundle = await packageOf(deviceOf(bob));
    const outcome = await beginConversation({
      me: deviceOf(alice),
      now: NOW,
      conversationId: newConversationId(),
      incarnation: 1,
      kind: 'group',
      people: [asPerson(alice, 4), asPerson(bob, 2)],
      keyPackages: [bundle.keyPackage],
      settings,
      lastCommitSeq: seq(0),
      head: zeroHead,
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    return adoptPending(outcome.pending, { current: null, acceptedAt: NOW });
  }
});

describe('the signer may add', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ olga: 4, mia: 2 });
  });

  test('signer-may-not-add: a member brings a new user in', async () => {
    const zoe = await human('zoe');
    const bundle = await packageOf(deviceOf(zoe));
    const mia = placeOf(world, 'mia');
    const state = nextState(mia.session, {
      roster: [...viewGroup(mia.session).state.roster, { ...rosterOf(zoe), since: 2 }],
    });
    const forged = await forge(world, mia.session, { state, adds: [bundle] });
    if (forged.welcome === null) throw new Error('no Welcome');
    const found = await read(forged.welcome, bundle, deviceOf(zoe));
    const lists = [personOf(world, 'olga').list, personOf(world, 'mia').list, zoe.list];
    const outcome = await admitWelcome(found, lists, {
      conversationId: world.conversationId,
      knownGroups: [],
    });
    expect(outcome).toEqual({ kind: 'refused', reason: 'signer-may-not-add' });
  });

  test('but a second device of somebody who is here may come by anybody', async () => {
    const olga = personOf(world, 'olga');
    const tablet = await addDevice(olga);
    const bundle = await packageOf(tablet);
    const mia = placeOf(world, 'mia');
    const intent = { kind: 'devices' as const, lists: [olga.list], keyPackages: [bundle.keyPackage] };
    const pending = await built(world, mia, intent);
    const place = await join({ ...world, places: [] }, { pending, person: olga, device: tablet, bundle });
    expect(viewGroup(place.session).leaves).toHaveLength(3);
    expect(viewGroup(sealSession(openSession(place.session))).own.deviceId).toBe(tablet.deviceId);
  });

  test('and a whole member list arrives at a late joiner', async () => {
    const late = await startWorld({ olga: 4, mia: 2 });
    await commit(late, placeOf(late, 'olga'), { kind: 'self-update' });
    const place = await invite(late, placeOf(late, 'olga'), { name: 'zoe' });
    expect(viewGroup(place.session).state.roster).toHaveLength(3);
  });
});

const leafKey = (mls: ClientState): Uint8Array | undefined => {
  const node = mls.ratchetTree[2 * mls.privatePath.leafIndex];
  return node?.nodeType === 'leaf' ? node.leaf.signaturePublicKey : undefined;
};

function rosterOf(person: Human): RosterEntry {
  return {
    userId: person.userId,
    role: 2,
    since: 1,
    listVersion: person.list.version,
    listHash: person.list.hash,
  };
}

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
