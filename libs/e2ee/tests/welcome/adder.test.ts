import { beforeAll, describe, expect, test } from '@jest/globals';
import { admitWelcome, viewGroup } from '../../src/index.js';
import { openSession, sealSession } from '../../src/session/session-data.js';
import { forge, nextState } from '../forge.js';
import { addDevice, deviceOf, human, packageOf } from '../people.js';
import { repairRequest } from '../repair-request.js';
import { built, commit, invite, join, personOf, placeOf, startWorld, type World } from '../world.js';
import { read, rosterOf } from './alice-and-bob.js';

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

  test('and somebody who was here is let back into the group that they know', async () => {
    const home = await startWorld({ olga: 4, mia: 2 });
    const mia = placeOf(home, 'mia');
    const { groupId, epoch, transcriptHash } = viewGroup(mia.session);
    const { bundle, request } = await repairRequest(home, mia);
    const pending = await built(home, placeOf(home, 'olga'), { kind: 'repair', request });
    if (pending.welcome === null) throw new Error('no Welcome');
    const found = await read(pending.welcome, bundle, mia.device);
    const lists = [personOf(home, 'olga').list, mia.human.list];
    const outcome = await admitWelcome(found, lists, {
      conversationId: home.conversationId,
      knownGroups: [{ groupId, epoch, transcriptHash }],
      previous: { state: viewGroup(mia.session).state, removedUsers: [] },
    });
    expect(outcome.kind).toBe('admitted');
  });

  test('and a whole member list arrives at a late joiner', async () => {
    const late = await startWorld({ olga: 4, mia: 2 });
    await commit(late, placeOf(late, 'olga'), { kind: 'self-update' });
    const place = await invite(late, placeOf(late, 'olga'), { name: 'zoe' });
    expect(viewGroup(place.session).state.roster).toHaveLength(3);
  });
});
