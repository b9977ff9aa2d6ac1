import { beforeAll, describe, expect, test } from '@jest/globals';
import { statement, type Statement } from '@wisp/protocol';
import {
  certifyDevice,
  createSigningKey,
  signDeviceStatement,
  SUITE,
  viewGroup,
  type JudgeRefusal,
  type KeyPackageBundle,
} from '../../src/index.js';
import { forge, nextState, type Forgery } from '../forge.js';
import { newConversationId, NOW, packageOf, serverId } from '../people.js';
import { outcomes, type Place, type World } from '../world.js';
import { fourPeople, verdictIn, outcomeAt, skipped, stateOf, leafOf, withoutUser } from './four-people.js';

let world: World;
let alice: Place, bob: Place, carol: Place, rita: Place;

beforeAll(async () => {
  ({ world, alice, bob, carol, rita } = await fourPeople());
});

const verdictOn = (by: Place, forgery: Forgery) => verdictIn(world, by, forgery);

async function verdictOnBy(by: Place, onlooker: Place, forgery: Forgery): Promise<string> {
  const { bytes } = await forge(world, by.session, forgery);
  return outcomeAt(world, onlooker, bytes);
}

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
