import { beforeAll, describe, expect, test } from '@jest/globals';
import { encodeRequiredCapabilities, generateKeyPackageWithKey } from 'ts-mls';
import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import {
  commitId,
  statement,
  username as usernameSchema,
  type CommitInfo,
  type ConversationState,
  type RosterEntry,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import {
  certifyDevice,
  createSigningKey,
  joinMac,
  judge,
  openCommit,
  signDeviceStatement,
  signFirstDeviceList,
  SUITE,
  verifyDeviceList,
  viewGroup,
  type JudgeRefusal,
  type KeyPackageBundle,
} from '../src/index.js';
import { CONVERSATION_STATE, capabilities } from '../src/mls/capabilities.js';
import { contextExtensions } from '../src/mls/context-extensions.js';
import { loadSuite } from '../src/mls/suite.js';
import { forge, nextState, withMls, type Forgery } from './forge.js';
import {
  addDevice,
  deviceOf,
  human,
  makeDevice,
  newConversationId,
  NOW,
  packageOf,
  revokeDevice,
  seq,
  serverId,
  type Human,
} from './people.js';
import {
  build,
  built,
  deliver,
  join,
  outcomes,
  personOf,
  placeOf,
  startWorld,
  type Place,
  type World,
} from './world.js';

/** Alice owns, Bob is admin, Carol a member, Rita a reader; Zoe isn't here. */
let world: World;
let zoe: Human;
let zoePackage: KeyPackageBundle;
let alice: Place, bob: Place, carol: Place, rita: Place;

beforeAll(async () => {
  world = await startWorld({ alice: 4, bob: 3, carol: 2, rita: 1 });
  [alice, bob, carol, rita] = ['alice', 'bob', 'carol', 'rita'].map((name) => placeOf(world, name)) as [
    Place,
    Place,
    Place,
    Place,
  ];
  zoe = await human('zoe');
  zoePackage = await packageOf(deviceOf(zoe));
});

/** What another says of the commit; that all say the same, the fuzzer sees to. */
async function verdictOn(by: Place, forgery: Forgery): Promise<string> {
  const { bytes } = await forge(world, by.session, forgery);
  return outcomeOf(by, bytes);
}

/** Where the first other place is the one that goes. */
async function verdictOnBy(by: Place, onlooker: Place, forgery: Forgery): Promise<string> {
  const { bytes } = await forge(world, by.session, forgery);
  const [outcome] = (await outcomes({ ...world, places: [onlooker] }, bytes)).values();
  return outcome !== undefined && 'reason' in outcome
    ? `${outcome.kind} ${outcome.reason}`
    : `${outcome?.kind}`;
}

async function outcomeOf(by: Place, bytes: Uint8Array): Promise<string> {
  const other = world.places.filter((place) => place !== by).slice(0, 1);
  const [outcome] = (await outcomes({ ...world, places: other }, bytes)).values();
  if (outcome === undefined) throw new Error('nobody else is here');
  return 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
}

const skipped = (reason: JudgeRefusal): string => `skipped ${reason}`;
const stateOf = (place: Place): ConversationState => viewGroup(place.session).state;
const leafOf = (place: Place): number => viewGroup(place.session).own.index;
const listOf = (person: Human): Statement => statement.decode(person.list.statement);
const entryFor = (person: Human, change: Partial<RosterEntry> = {}): RosterEntry => ({
  userId: person.userId,
  role: 2,
  since: 2,
  listVersion: person.list.version,
  listHash: person.list.hash,
  ...change,
});
const withEntry = (by: Place, change: { of: UserId; to: Partial<RosterEntry> }): ConversationState =>
  nextState(by.session, {
    roster: stateOf(by).roster.map((entry) =>
      entry.userId === change.of ? { ...entry, ...change.to } : entry,
    ),
  });
const withoutUser = (by: Place, gone: Place): ConversationState =>
  nextState(by.session, {
    roster: stateOf(by).roster.filter((entry) => entry.userId !== gone.human.userId),
  });
const withUser = (by: Place, entry: RosterEntry): ConversationState =>
  nextState(by.session, { roster: [...stateOf(by).roster, entry] });

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

describe('devices come and go with evidence', () => {
  test('device-evidence: a ghost device of somebody who is here', async () => {
    const ghost = await ghostOf(bob.human);
    expect(await verdictOn(alice, { state: nextState(alice.session, {}), adds: [ghost] })).toBe(
      skipped('device-evidence'),
    );
  });

  test('device-evidence: a newcomer without her list', async () => {
    const state = withUser(bob, entryFor(zoe));
    expect(await verdictOn(bob, { state, adds: [zoePackage] })).toBe(skipped('device-evidence'));
  });

  test('device-evidence: a newcomer without a list, and without a device', async () => {
    expect(await verdictOn(bob, { state: withUser(bob, entryFor(zoe)) })).toBe(skipped('device-evidence'));
  });

  test('device-evidence: a device taken out that its list still has', async () => {
    expect(await verdictOn(alice, { removes: [leafOf(carol)] })).toBe(skipped('device-evidence'));
  });

  test('device-evidence: a device taken out and put back without its request', async () => {
    const bundle = await packageOf(carol.device);
    const forgery = {
      state: nextState(alice.session, {}),
      removes: [leafOf(carol)],
      adds: [bundle],
      evidence: [listOf(carol.human)],
    };
    expect(await verdictOn(alice, forgery)).toBe(skipped('device-evidence'));
  });

  test('device-unlisted: a ghost device beside a list that lacks it', async () => {
    const ghost = await ghostOf(bob.human);
    expect(
      await verdictOn(alice, {
        state: nextState(alice.session, {}),
        adds: [ghost],
        evidence: [listOf(bob.human)],
      }),
    ).toBe(skipped('device-unlisted'));
  });

  test('device-list-version: another list in the roster than in the evidence', async () => {
    const state = withUser(bob, entryFor(zoe, { listVersion: 7 }));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [listOf(zoe)] })).toBe(
      skipped('device-list-version'),
    );
  });

  test('device-list-version: other bytes in the roster than in the evidence', async () => {
    const state = withUser(bob, entryFor(zoe, { listHash: new Uint8Array(32) }));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [listOf(zoe)] })).toBe(
      skipped('device-list-version'),
    );
  });

  test('device-list-version: a second list under the number of the one that is followed', async () => {
    const phone = await makeDevice(bob.human.identitySeed, bob.human.userId);
    const devices = [bob.device, phone].map(({ deviceId, signatureKey }) => ({
      deviceId,
      signatureKey: signatureKey.publicKey,
      addedAt: NOW,
    }));
    const { identitySeed, userId } = bob.human;
    const forked = await signFirstDeviceList({
      identitySeed,
      serverId,
      username: usernameSchema.parse('bob'),
      issuedAt: NOW,
      devices,
    });
    const verdict = await verifyDeviceList(forked, { serverId, userId });
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    const state = withEntry(alice, { of: userId, to: { listHash: verdict.list.hash } });
    const forgery = { state, adds: [await packageOf(phone)], evidence: [statement.decode(forked)] };
    expect(await verdictOn(alice, forgery)).toBe(skipped('device-list-version'));
  });

  test('device-unlisted: a listed id under another key', async () => {
    const newcomer = await human('nora');
    const twin = await ghostOf(newcomer, deviceOf(newcomer).deviceId);
    const state = withUser(bob, entryFor(newcomer));
    expect(await verdictOn(bob, { state, adds: [twin], evidence: [listOf(newcomer)] })).toBe(
      skipped('device-unlisted'),
    );
  });

  test('device-unlisted: a listed key under another id', async () => {
    const newcomer = await human('nora');
    const { identitySeed, userId } = newcomer;
    const { signatureKey } = deviceOf(newcomer);
    const deviceId = crypto.randomUUID() as Human['devices'][number]['deviceId'];
    const leafSignatureKey = signatureKey.publicKey;
    const named = { identitySeed, serverId, deviceId, leafSignatureKey, suite: SUITE };
    const certificate = await certifyDevice(named);
    const alias = await packageOf({ serverId, userId, deviceId, signatureKey, certificate });
    const state = withUser(bob, entryFor(newcomer));
    expect(await verdictOn(bob, { state, adds: [alias], evidence: [listOf(newcomer)] })).toBe(
      skipped('device-unlisted'),
    );
  });

  test('device-list-version: a roster that names a list without showing it', async () => {
    const state = withEntry(alice, { of: carol.human.userId, to: { listVersion: 2 } });
    expect(await verdictOn(alice, { state })).toBe(skipped('device-list-version'));
  });

  test('device-list-version: a roster that names other bytes under the same version', async () => {
    const state = withEntry(alice, { of: carol.human.userId, to: { listHash: new Uint8Array(32) } });
    expect(await verdictOn(alice, { state })).toBe(skipped('device-list-version'));
  });

  test('device-left-behind, and how it is right: a new list with the missing device', async () => {
    const { home, forgery, phone } = await withTwoDevices();
    const { bytes } = await forge(home, placeOf(home, 'owen').session, forgery);
    const found = await outcomes(home, bytes);
    expect(found.get(placeOf(home, 'nina'))?.kind).toBe('applied');
    // The list without her first device, which stays in the tree.
    const nina = personOf(home, 'nina');
    await revokeDevice(nina, deviceOf(nina, 0).deviceId);
    const state = nextState(placeOf(home, 'owen').session, {
      roster: viewGroup(placeOf(home, 'owen').session).state.roster.map((entry) =>
        entry.userId === nina.userId
          ? { ...entry, listVersion: nina.list.version, listHash: nina.list.hash }
          : entry,
      ),
    });
    const behind = await forge(home, placeOf(home, 'owen').session, {
      state,
      adds: [phone],
      evidence: [listOf(nina)],
    });
    const outcome = (await outcomes(home, behind.bytes)).get(placeOf(home, 'nina'));
    expect(outcome).toEqual({ kind: 'skipped', reason: 'device-left-behind' });
  });

  test('device-list-version: an older list than the roster follows', async () => {
    const { home, forgery, first } = await withTwoDevices();
    const owen = placeOf(home, 'owen');
    const done = await forge(home, owen.session, forgery);
    const later = withMls(owen.session, () => done.next);
    // Nina's first list again: its one device stays, the second would go.
    const nina = personOf(home, 'nina');
    const state = nextState(later, {
      roster: viewGroup(later).state.roster.map((entry) =>
        entry.userId === nina.userId ? { ...entry, listVersion: 1, listHash: first.hash } : entry,
      ),
    });
    const removes = viewGroup(later)
      .leaves.filter((leaf) => leaf.deviceId === deviceOf(nina, 1).deviceId)
      .map((leaf) => leaf.index);
    const rolledBack = await forge(home, later, {
      state,
      removes,
      evidence: [statement.decode(first.statement)],
    });
    const adopted = await openCommit(placeOf(home, 'nina').session, done.bytes, {
      seq: seq(2),
      acceptedAt: NOW,
      newestCommitSeq: seq(home.newestCommitSeq),
    });
    if (adopted.kind !== 'applied') throw new Error(adopted.kind);
    const outcome = await openCommit(adopted.session, rolledBack.bytes, {
      seq: seq(3),
      acceptedAt: NOW,
      newestCommitSeq: seq(home.newestCommitSeq),
    });
    expect(outcome).toEqual({ kind: 'skipped', reason: 'device-list-version' });
  });

  test('a newer list that names the same devices is followed: anybody may record it', async () => {
    const home = await startWorld({ owen: 4, nina: 2 });
    const owen = placeOf(home, 'owen');
    const nina = personOf(home, 'nina');
    await addDevice(nina);
    await revokeDevice(nina, deviceOf(nina, 1).deviceId);
    const roster = viewGroup(owen.session).state.roster.map((entry) =>
      entry.userId === nina.userId
        ? { ...entry, listVersion: nina.list.version, listHash: nina.list.hash }
        : entry,
    );
    const state = nextState(owen.session, { roster });
    const { bytes } = await forge(home, owen.session, { state, evidence: [listOf(nina)] });
    expect((await outcomes(home, bytes)).get(placeOf(home, 'nina'))?.kind).toBe('applied');
  });

  test('evidence-unused: a list that changes nothing', async () => {
    expect(await verdictOn(alice, { evidence: [listOf(carol.human)] })).toBe(skipped('evidence-unused'));
  });

  test('evidence-unused: a list of somebody who is not here', async () => {
    expect(await verdictOn(alice, { evidence: [listOf(zoe)] })).toBe(skipped('evidence-unused'));
  });

  test('evidence-unused: a list twice', async () => {
    const state = withUser(bob, entryFor(zoe));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [listOf(zoe), listOf(zoe)] })).toBe(
      skipped('evidence-unused'),
    );
  });

  test('evidence-signature: a list with a forged signature', async () => {
    const forged = { ...listOf(zoe), sig: new Uint8Array(64) };
    const state = withUser(bob, entryFor(zoe));
    expect(await verdictOn(bob, { state, adds: [zoePackage], evidence: [forged] })).toBe(
      skipped('evidence-signature'),
    );
  });

  test('duplicate-device: the same device id on a second leaf', async () => {
    const twin = await ghostOf(bob.human, bob.device.deviceId);
    expect(
      await verdictOn(alice, { state: nextState(alice.session, {}), adds: [twin], info: { adds: [] } }),
    ).toBe(skipped('duplicate-device'));
  });

  /** A device that Bob's own key certified, but that no list of his names. */
  async function ghostOf(
    person: Human,
    deviceId = crypto.randomUUID() as Human['devices'][number]['deviceId'],
  ) {
    const signatureKey = await createSigningKey();
    const certificate = await certifyDevice({
      identitySeed: person.identitySeed,
      serverId,
      deviceId,
      leafSignatureKey: signatureKey.publicKey,
      suite: SUITE,
    });
    return packageOf({ serverId, userId: person.userId, deviceId, signatureKey, certificate });
  }

  async function withTwoDevices() {
    const home = await startWorld({ owen: 4, nina: 2 });
    const nina = personOf(home, 'nina');
    const first = nina.list;
    const phone = await packageOf(await addDevice(nina));
    const owen = placeOf(home, 'owen');
    const state = nextState(owen.session, {
      roster: viewGroup(owen.session).state.roster.map((entry) =>
        entry.userId === nina.userId
          ? { ...entry, listVersion: nina.list.version, listHash: nina.list.hash }
          : entry,
      ),
    });
    return { home, first, phone, forgery: { state, adds: [phone], evidence: [listOf(nina)] } };
  }
});

describe('requests are evidence of exactly what they ask', () => {
  const leave = async (
    by: Place,
    change: { since?: number; conversationId?: World['conversationId'] } = {},
  ) =>
    statement.decode(
      await signDeviceStatement({
        type: 'leave-request',
        secretKey: by.device.signatureKey.secretKey,
        body: {
          serverId,
          conversationId: world.conversationId,
          userId: carol.human.userId,
          since: 1,
          ...change,
        },
      }),
    );
  const carolOut = (): Forgery => ({ state: withoutUser(rita, carol), removes: [leafOf(carol)] });

  test('a reader commits what Carol asked', async () => {
    expect(await verdictOn(rita, { ...carolOut(), evidence: [await leave(carol)] })).toBe('applied');
  });
  test('leave-evidence: of an earlier stay', async () => {
    expect(await verdictOn(rita, { ...carolOut(), evidence: [await leave(carol, { since: 2 })] })).toBe(
      skipped('leave-evidence'),
    );
  });
  test('leave-evidence: of another conversation', async () => {
    const conversationId = crypto.randomUUID() as World['conversationId'];
    expect(await verdictOn(rita, { ...carolOut(), evidence: [await leave(carol, { conversationId })] })).toBe(
      skipped('leave-evidence'),
    );
  });
  test('leave-evidence: Carol asked, and stays', async () => {
    expect(await verdictOn(rita, { evidence: [await leave(carol)] })).toBe(skipped('leave-evidence'));
  });
  test('the last owner leaves: the heir is crowned, and nobody else', async () => {
    const said = statement.decode(
      await signDeviceStatement({
        type: 'leave-request',
        secretKey: alice.device.signatureKey.secretKey,
        body: { serverId, conversationId: world.conversationId, userId: alice.human.userId, since: 1 },
      }),
    );
    const crowned = (heir: Place): Forgery => ({
      state: nextState(carol.session, {
        roster: stateOf(carol)
          .roster.filter((entry) => entry.userId !== alice.human.userId)
          .map((entry) => (entry.userId === heir.human.userId ? { ...entry, role: 4 as const } : entry)),
      }),
      removes: [leafOf(alice)],
      evidence: [said],
    });
    expect(await verdictOnBy(carol, bob, crowned(bob))).toBe('applied');
    // Which of the two is met first goes by the order of the roster.
    const refusal = /^skipped (no-owner|role-change)$/;
    expect(await verdictOnBy(carol, bob, crowned(carol))).toMatch(refusal);
    expect(await verdictOnBy(carol, bob, crowned(rita))).toMatch(refusal);
  });
  test("evidence-signature: in Carol's name, by Rita", async () => {
    expect(await verdictOn(rita, { ...carolOut(), evidence: [await leave(rita)] })).toBe(
      skipped('evidence-signature'),
    );
  });
  test.each<[JudgeRefusal, Statement['type']]>([
    ['device-evidence', 'device-list'],
    ['leave-evidence', 'leave-request'],
    ['repair-evidence', 'repair-request'],
    ['join-evidence', 'join-request'],
  ])('%s: a %s that is none', async (reason, type) => {
    const none: Statement = { type, body: Uint8Array.of(1), sig: new Uint8Array(64) };
    expect(await verdictOn(rita, { evidence: [none] })).toBe(skipped(reason));
  });
  test('evidence-unused: a profile is evidence of nothing', async () => {
    const profile: Statement = { type: 'profile', body: Uint8Array.of(1), sig: new Uint8Array(64) };
    expect(await verdictOn(rita, { evidence: [profile] })).toBe(skipped('evidence-unused'));
  });

  const repair = async (
    change: {
      of?: Place;
      leafHash?: Uint8Array;
      groupId?: Uint8Array;
      conversationId?: World['conversationId'];
      signer?: Place;
      bundle?: KeyPackageBundle;
    } = {},
  ) => {
    const broken = change.of ?? carol;
    const bundle = change.bundle ?? (await packageOf(broken.device));
    const { own, groupId } = viewGroup(broken.session);
    const request = statement.decode(
      await signDeviceStatement({
        type: 'repair-request',
        secretKey: (change.signer ?? broken).device.signatureKey.secretKey,
        body: {
          serverId,
          conversationId: change.conversationId ?? world.conversationId,
          groupId: change.groupId ?? groupId,
          deviceId: broken.device.deviceId,
          leafHash: change.leafHash ?? own.hash,
          reason: 'store-damaged',
          keyPackage: bundle.keyPackage,
          at: NOW,
        },
      }),
    );
    return { bundle, request };
  };

  test('a reader repairs a device at its request', async () => {
    const { bundle, request } = await repair();
    expect(
      await verdictOn(rita, {
        state: nextState(rita.session, {}),
        removes: [leafOf(carol)],
        adds: [bundle],
        evidence: [request],
      }),
    ).toBe('applied');
  });
  test('and two devices at once, each at its own', async () => {
    const [carols, bobs] = [await repair(), await repair({ of: bob })];
    const { bytes } = await forge(world, rita.session, {
      state: nextState(rita.session, {}),
      removes: [leafOf(bob), leafOf(carol)],
      adds: [bobs.bundle, carols.bundle],
      evidence: [carols.request, bobs.request],
    });
    const onlooker = await outcomes({ ...world, places: [alice] }, bytes);
    expect(onlooker.get(alice)?.kind).toBe('applied');
  });
  test.each([
    ['for a leaf that is gone', { leafHash: new Uint8Array(32) }, 'repair-evidence'],
    ['for another group', { groupId: new Uint8Array(32) }, 'repair-evidence'],
    ['for another conversation', { conversationId: newConversationId() }, 'repair-evidence'],
    ["in Carol's name", { signer: 'rita' }, 'evidence-signature'],
  ] as const)('a request %s', async (_, change, reason) => {
    const { bundle, request } = await repair({
      ...('leafHash' in change && { leafHash: change.leafHash }),
      ...('groupId' in change && { groupId: change.groupId }),
      ...('conversationId' in change && { conversationId: change.conversationId }),
      ...('signer' in change && { signer: rita }),
    });
    expect(
      await verdictOn(rita, {
        state: nextState(rita.session, {}),
        removes: [leafOf(carol)],
        adds: [bundle],
        evidence: [request],
      }),
    ).toBe(skipped(reason));
  });
  test('repair-evidence: another KeyPackage than the one in the request', async () => {
    const { request } = await repair();
    const other = await packageOf(carol.device);
    expect(
      await verdictOn(rita, {
        state: nextState(rita.session, {}),
        removes: [leafOf(carol)],
        adds: [other],
        evidence: [request],
      }),
    ).toBe(skipped('repair-evidence'));
  });
  test('repair-evidence: the same device id, under another key', async () => {
    const signatureKey = await createSigningKey();
    const { deviceId } = carol.device;
    const { identitySeed, userId } = carol.human;
    const leafSignatureKey = signatureKey.publicKey;
    const certificate = await certifyDevice({
      identitySeed,
      serverId,
      deviceId,
      leafSignatureKey,
      suite: SUITE,
    });
    const bundle = await packageOf({ serverId, userId, deviceId, signatureKey, certificate });
    const { request } = await repair({ bundle });
    expect(
      await verdictOn(rita, {
        state: nextState(rita.session, {}),
        removes: [leafOf(carol)],
        adds: [bundle],
        evidence: [request],
      }),
    ).toBe(skipped('repair-evidence'));
  });
  test('repair-evidence: the same device, as somebody else’s who is in league with it', async () => {
    const { deviceId, signatureKey } = carol.device;
    const { identitySeed, userId } = bob.human;
    const leafSignatureKey = signatureKey.publicKey;
    const named = { identitySeed, serverId, deviceId, leafSignatureKey, suite: SUITE };
    const certificate = await certifyDevice(named);
    const bundle = await packageOf({ serverId, userId, deviceId, signatureKey, certificate });
    const { request } = await repair({ bundle });
    expect(
      await verdictOn(rita, {
        state: nextState(rita.session, {}),
        removes: [leafOf(carol)],
        adds: [bundle],
        evidence: [request],
      }),
    ).toBe(skipped('repair-evidence'));
  });
  test('repair-evidence: taken out and not put back', async () => {
    const { request } = await repair();
    expect(await verdictOn(rita, { removes: [leafOf(carol)], evidence: [request] })).toBe(
      skipped('repair-evidence'),
    );
  });
});

describe('who asks by a link comes in as far as it grants', () => {
  const reading = {
    linkId: new Uint8Array(16).fill(1),
    secret: new Uint8Array(32).fill(2),
    role: 1 as const,
  };
  const writing = {
    linkId: new Uint8Array(16).fill(3),
    secret: new Uint8Array(32).fill(4),
    role: 2 as const,
  };
  let home: World;
  let olga: Place, pit: Place;

  beforeAll(async () => {
    home = await startWorld({ olga: 4, pit: 2 });
    [olga, pit] = [placeOf(home, 'olga'), placeOf(home, 'pit')];
    const links = await built(home, olga, { kind: 'links', links: [reading, writing] });
    await deliver(home, olga, links);
  });

  /** Zoe's word that she comes by a link. */
  async function ask(link: { linkId: Uint8Array; secret: Uint8Array }, conversationId = home.conversationId) {
    const { linkId, secret: linkSecret } = link;
    const { userId } = zoe;
    const mac = joinMac({ linkSecret, userId, conversationId });
    const request = await signDeviceStatement({
      type: 'join-request',
      secretKey: deviceOf(zoe).signatureKey.secretKey,
      body: { serverId, conversationId, userId, linkId, mac, at: NOW },
    });
    return statement.decode(request);
  }

  async function verdictOnRequest(request: Statement, role: 1 | 2 | null): Promise<string> {
    const since = stateOf(olga).version + 1;
    const roster = [...stateOf(olga).roster, ...(role === null ? [] : [entryFor(zoe, { role, since })])];
    const { bytes } = await forge(home, olga.session, {
      ...(role !== null && { state: nextState(olga.session, { roster }), adds: [zoePackage] }),
      evidence: [listOf(zoe), request],
    });
    const outcome = (await outcomes(home, bytes)).get(pit);
    return outcome !== undefined && 'reason' in outcome ? outcome.reason : `${outcome?.kind}`;
  }

  test('each by its own link', async () => {
    expect(await verdictOnRequest(await ask(reading), 1)).toBe('applied');
    expect(await verdictOnRequest(await ask(writing), 2)).toBe('applied');
  });
  test('join-evidence: as more than the link grants', async () => {
    expect(await verdictOnRequest(await ask(reading), 2)).toBe('join-evidence');
  });
  test('join-evidence: without the link’s secret', async () => {
    const guessed = { ...writing, secret: new Uint8Array(32) };
    expect(await verdictOnRequest(await ask(guessed), 1)).toBe('join-evidence');
  });
  test('join-evidence: by no link of this conversation', async () => {
    const unknown = { ...reading, linkId: new Uint8Array(16).fill(9) };
    expect(await verdictOnRequest(await ask(unknown), 1)).toBe('join-evidence');
  });
  test('join-evidence: for another conversation', async () => {
    expect(await verdictOnRequest(await ask(reading, newConversationId()), 1)).toBe('join-evidence');
  });
  test('join-evidence: she asked, and isn’t brought in', async () => {
    expect(await verdictOnRequest(await ask(reading), null)).toBe('join-evidence');
  });
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

describe('KeyPackages and leaves in a commit', () => {
  const add = (bundle: KeyPackageBundle): Forgery => ({
    state: withUser(bob, entryFor(zoe)),
    adds: [bundle],
    evidence: [listOf(zoe)],
  });
  async function oddPackage(change: {
    lifetimeDays?: number;
    extensions?: { extensionType: number; extensionData: Uint8Array }[];
    leafExtensions?: { extensionType: number; extensionData: Uint8Array }[];
    identity?: Uint8Array;
    extensionTypes?: number[];
  }): Promise<KeyPackageBundle> {
    const suite = await loadSuite();
    const device = deviceOf(zoe);
    const notBefore = BigInt(NOW / 1000);
    const made = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: change.identity ?? device.certificate },
      { ...capabilities, extensions: change.extensionTypes ?? [...capabilities.extensions, 0xf0a7] },
      { notBefore, notAfter: notBefore + BigInt(change.lifetimeDays ?? 30) * 86_400n },
      change.extensions ?? [],
      { publicKey: device.signatureKey.publicKey, signKey: device.signatureKey.secretKey },
      suite,
      change.leafExtensions,
    );
    const keyPackage = encodeKeyPackage(made.publicPackage);
    const ref = await makeKeyPackageRef(made.publicPackage, suite.hash);
    return { keyPackage, ref, secrets: new Uint8Array(), notAfter: NOW };
  }
  const foreign = [{ extensionType: 0xf0a7, extensionData: new Uint8Array() }];

  test('more capabilities than ours are welcome', async () => {
    expect(await verdictOn(bob, add(await oddPackage({})))).toBe('applied');
  });
  test('key-package: good for longer than 30 days', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ lifetimeDays: 31 })))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension that is not last_resort', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ extensions: foreign })))).toBe(skipped('key-package'));
  });
  test('key-package: with an extension in its leaf', async () => {
    expect(await verdictOn(bob, add(await oddPackage({ leafExtensions: foreign })))).toBe(
      skipped('key-package'),
    );
  });
});

test('limits: nine devices of one user, or more than fifty adds', async () => {
  const before = viewGroup(alice.session);
  const grow = (count: number, userId: UserId) => {
    const leaves = Array.from({ length: count }, (_, at) => ({
      index: before.leaves.length + at,
      userId,
      deviceId: crypto.randomUUID() as Human['devices'][number]['deviceId'],
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
  const verdict = async (count: number) => {
    const { adds, after } = grow(count, bob.human.userId);
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
  expect(await verdict(8)).toEqual({ kind: 'refused', reason: 'limits' });
  expect(await verdict(51)).toEqual({ kind: 'refused', reason: 'limits' });
});

test('a verdict depends on nothing but its arguments: the same twice', async () => {
  const { bytes } = await forge(world, carol.session, {
    state: withEntry(carol, { of: carol.human.userId, to: { role: 4 } }),
  });
  expect(await outcomeOf(carol, bytes)).toBe(await outcomeOf(carol, bytes));
});
