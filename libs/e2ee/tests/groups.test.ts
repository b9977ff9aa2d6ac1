import { describe, expect, test } from '@jest/globals';
import { signDeviceStatement, viewGroup } from '../src/index.js';
import { addDevice, deviceOf, packageOf, revokeDevice, serverId } from './people.js';
import { repairRequest } from './repair-request.js';
import {
  authenticators,
  build,
  commit,
  hear,
  invite,
  join,
  personOf,
  placeOf,
  say,
  startWorld,
  wordsOf,
} from './world.js';

describe('a group', () => {
  test('lives: people come, rise, are renamed, put out, and come back', async () => {
    const world = await startWorld({ alice: 4, bob: 3, carol: 2 });
    const alice = placeOf(world, 'alice');
    const dave = await invite(world, placeOf(world, 'bob'), { name: 'dave' });
    expect(authenticators(world).size).toBe(1);
    await commit(world, alice, { kind: 'settings', change: { title: 'Garden' } });
    expect(viewGroup(dave.session).state.settings.title).toBe('Garden');
    await commit(world, alice, { kind: 'roles', roles: [{ userId: dave.human.userId, role: 3 }] });
    await commit(world, dave, { kind: 'remove', users: [placeOf(world, 'carol').human.userId] });
    expect(world.places.map((place) => place.human.name)).toEqual(['alice', 'bob', 'dave']);
    expect(authenticators(world).size).toBe(1);
    const carol = await invite(world, alice, { name: 'carol' });
    const said = await say(world, carol, 'here again');
    expect(wordsOf(await hear(alice, said.bytes, carol.device))).toBe('here again');
    expect(viewGroup(carol.session).epoch).toBe(6);
  });

  test('follows a device list: the new device in, the revoked one out, by anybody', async () => {
    const world = await startWorld({ alice: 4, bob: 2, carol: 1 });
    const bob = personOf(world, 'bob');
    const phone = await addDevice(bob);
    await revokeDevice(bob, deviceOf(bob, 0).deviceId);
    const bundle = await packageOf(phone);
    const carol = placeOf(world, 'carol');
    const pending = await commit(world, carol, {
      kind: 'devices',
      lists: [bob.list],
      keyPackages: [bundle.keyPackage],
    });
    await join(world, { pending, person: bob, device: phone, bundle });
    const { leaves, state } = viewGroup(carol.session);
    expect(leaves.filter((leaf) => leaf.userId === bob.userId).map((leaf) => leaf.deviceId)).toEqual([
      phone.deviceId,
    ]);
    expect(state.roster.find((entry) => entry.userId === bob.userId)?.listVersion).toBe(3);
    expect(authenticators(world).size).toBe(1);
    const again = await build(world, carol, {
      kind: 'devices',
      lists: [bob.list],
      keyPackages: [bundle.keyPackage],
    });
    expect(again).toEqual({ kind: 'refused', reason: 'nothing-to-do' });
  });

  test('lets a broken device back in on its own request', async () => {
    const world = await startWorld({ alice: 4, bob: 2 });
    const bob = placeOf(world, 'bob');
    const { bundle, request } = await repairRequest(world, bob, { reason: 'commit-unreadable' });
    const alice = placeOf(world, 'alice');
    const pending = await commit(world, alice, { kind: 'repair', request });
    expect(world.places).toEqual([alice]);
    await join(world, { pending, person: bob.human, device: bob.device, bundle });
    expect(authenticators(world).size).toBe(1);
    // A plain member repairs a newcomer: she was here before, so nobody needs the right to add.
    const zoe = await invite(world, alice, { name: 'zoe' });
    const again = await repairRequest(world, zoe, { reason: 'commit-unreadable' });
    const second = await commit(world, placeOf(world, 'bob'), { kind: 'repair', request: again.request });
    await join(world, { pending: second, person: zoe.human, device: zoe.device, bundle: again.bundle });
    expect(authenticators(world).size).toBe(1);
    expect(await build(world, alice, { kind: 'repair', request })).toEqual({
      kind: 'refused',
      reason: 'nothing-to-do',
    });
  });

  test('lets people go at their word, and crowns an heir when the last owner goes', async () => {
    const world = await startWorld({ alice: 4, bob: 2, carol: 3, dave: 1 });
    const alice = placeOf(world, 'alice');
    const request = await signDeviceStatement({
      type: 'leave-request',
      secretKey: alice.device.signatureKey.secretKey,
      body: { serverId, conversationId: world.conversationId, userId: alice.human.userId, since: 1 },
    });
    const dave = placeOf(world, 'dave');
    await commit(world, dave, { kind: 'leave', requests: [request] });
    const { roster } = viewGroup(dave.session).state;
    expect(roster.find((entry) => entry.userId === personOf(world, 'carol').userId)?.role).toBe(4);
    expect(roster).toHaveLength(3);
    expect(authenticators(world).size).toBe(1);
  });

  test('heals by an empty commit', async () => {
    const world = await startWorld({ alice: 4, bob: 1 });
    const before = viewGroup(placeOf(world, 'bob').session).own.hash;
    await commit(world, placeOf(world, 'bob'), { kind: 'self-update' });
    expect(viewGroup(placeOf(world, 'bob').session).own.hash).not.toEqual(before);
    expect(authenticators(world).size).toBe(1);
  });
});
