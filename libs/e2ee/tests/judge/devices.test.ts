import { beforeAll, describe, expect, test } from '@jest/globals';
import { statement, username as usernameSchema } from '@wisp/protocol';
import {
  certifyDevice,
  createSigningKey,
  openCommit,
  signFirstDeviceList,
  SUITE,
  verifyDeviceList,
  viewGroup,
  type KeyPackageBundle,
} from '../../src/index.js';
import { forge, nextState, withMls, type Forgery } from '../forge.js';
import {
  addDevice,
  deviceOf,
  human,
  makeDevice,
  NOW,
  packageOf,
  revokeDevice,
  seq,
  serverId,
  type Human,
} from '../people.js';
import { outcomes, personOf, placeOf, startWorld, type Place, type World } from '../world.js';
import {
  fourPeople,
  verdictIn,
  skipped,
  leafOf,
  listOf,
  entryFor,
  withEntry,
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
