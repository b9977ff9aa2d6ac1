import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { generateKeyPackageWithKey } from 'ts-mls';
import { statement, type ConversationState, type RosterEntry, type Statement } from '@wisp/protocol';
import {
  certifyDevice,
  createSigningKey,
  joinMac,
  signDeviceStatement,
  SUITE,
  viewGroup,
  type KeyPackageBundle,
} from '../../../src/index.js';
import { capabilities } from '../../../src/mls/capabilities.js';
import { loadSuite } from '../../../src/mls/suite.js';
import { nextState } from '../../forge.js';
import {
  addDevice,
  deviceOf,
  human,
  makeDevice,
  NOW,
  packageOf,
  revokeDevice,
  serverId,
  type Human,
} from '../../people.js';
import { repairRequest } from '../../repair-request.js';
import { commit, placeOf, startWorld, type Place, type World } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

const linkId = new Uint8Array(16).fill(1);
const linkSecret = new Uint8Array(32).fill(2);

/** Devices, leaving, repair and joining: each with its evidence, and with less. */
export async function recordEvidence(): Promise<Scene> {
  const world = await startWorld({ olga: 4, mia: 2, nina: 2 });
  const olga = placeOf(world, 'olga');
  await commit(world, olga, { kind: 'links', links: [{ linkId, secret: linkSecret, role: 1 }] });
  const mia = placeOf(world, 'mia');
  const nina = placeOf(world, 'nina');
  const zoe = await human('zoe');
  const zoePackage = await packageOf(deviceOf(zoe));
  const ninasFirst = listOf(nina.human);
  const phone = await packageOf(await addDevice(nina.human));
  const ninasSecond = nina.human.list;
  await revokeDevice(nina.human, nina.device.deviceId);
  const ninasThird = nina.human.list;
  const { forged, scene } = startRecording(world, mia);
  const before = viewGroup(olga.session).state;
  const plain = { by: olga, state: nextState(olga.session, {}) };
  const withNina = (to: Partial<RosterEntry>): ConversationState =>
    nextState(olga.session, {
      roster: before.roster.map((entry) =>
        entry.userId === nina.human.userId ? { ...entry, ...to } : entry,
      ),
    });
  const withZoe = (to: Partial<RosterEntry> = {}): ConversationState =>
    nextState(olga.session, {
      roster: [
        ...before.roster,
        {
          userId: zoe.userId,
          role: 2,
          since: before.version + 1,
          listVersion: zoe.list.version,
          listHash: zoe.list.hash,
          ...to,
        },
      ],
    });
  const ninaOut = nextState(olga.session, {
    roster: before.roster.filter((entry) => entry.userId !== nina.human.userId),
  });
  const ninasLeaf = viewGroup(nina.session).own;

  await forged('applied', 'a second device by its list', {
    by: olga,
    state: withNina({ listVersion: 2, listHash: ninasSecond.hash }),
    adds: [phone],
    evidence: [statement.decode(ninasSecond.statement)],
  });
  await forged('skipped device-left-behind', 'a revoked device stays', {
    by: olga,
    state: withNina({ listVersion: 3, listHash: ninasThird.hash }),
    adds: [phone],
    evidence: [statement.decode(ninasThird.statement)],
  });
  await forged('skipped device-evidence', 'a device without its list', { ...plain, adds: [phone] });
  await forged('skipped device-evidence', 'a newcomer without her list', {
    by: olga,
    state: withZoe(),
    adds: [zoePackage],
  });
  await forged('skipped device-evidence', 'a listed device taken out', {
    by: olga,
    removes: [ninasLeaf.index],
  });
  const ghost = await packageOf(await makeDevice(nina.human.identitySeed, nina.human.userId));
  await forged('skipped device-unlisted', 'a ghost beside a list', {
    ...plain,
    adds: [ghost],
    evidence: [ninasFirst],
  });
  await forged('skipped device-list-version', 'a roster beyond the list', {
    by: olga,
    state: withZoe({ listVersion: 7 }),
    adds: [zoePackage],
    evidence: [listOf(zoe)],
  });
  await forged('skipped evidence-unused', 'a list that changes nothing', {
    by: olga,
    evidence: [ninasFirst],
  });
  await forged('skipped evidence-unused', 'a list of a stranger', { by: olga, evidence: [listOf(zoe)] });
  await forged('skipped evidence-unused', 'a list twice', {
    by: olga,
    state: withZoe(),
    adds: [zoePackage],
    evidence: [listOf(zoe), listOf(zoe)],
  });
  await forged('skipped evidence-signature', 'a list that nobody signed', {
    by: olga,
    state: withZoe(),
    adds: [zoePackage],
    evidence: [{ ...listOf(zoe), sig: new Uint8Array(64) }],
  });
  await forged('skipped duplicate-device', 'a device id twice', {
    ...plain,
    adds: [await twinOf(nina)],
    info: { adds: [] },
  });
  const lasting = await lastingPackage(zoe);
  await forged('skipped key-package', 'a KeyPackage for 31 days', {
    by: olga,
    state: withZoe(),
    adds: [lasting],
    evidence: [listOf(zoe)],
  });
  await forged('skipped limits', 'nine devices of one user', { ...plain, adds: await eightMore(nina.human) });

  await forged('applied', 'a member lets another leave', {
    by: olga,
    state: ninaOut,
    removes: [ninasLeaf.index],
    evidence: [await leaveOf(world, nina, 1)],
  });
  await forged('skipped leave-evidence', 'a request of another stay', {
    by: olga,
    state: ninaOut,
    removes: [ninasLeaf.index],
    evidence: [await leaveOf(world, nina, 2)],
  });
  const repair = await repairOf(world, nina);
  const repaired = { ...plain, removes: [ninasLeaf.index] };
  await forged('applied', 'a repair', { ...repaired, adds: [repair.bundle], evidence: [repair.request] });
  await forged('skipped repair-evidence', 'a repair by another KeyPackage', {
    ...repaired,
    adds: [await packageOf(nina.device)],
    evidence: [repair.request],
  });
  const come = async (role: 1 | 2) => ({
    by: olga,
    state: withZoe({ role }),
    adds: [zoePackage],
    evidence: [listOf(zoe), await joinOf(world, zoe)],
  });
  await forged('applied', 'a newcomer by a link', await come(1));
  await forged('skipped join-evidence', 'more than the link grants', await come(2));
  return scene;
}

const listOf = (person: Human): Statement => statement.decode(person.list.statement);

async function leaveOf(
  world: World,
  { human: { userId }, device }: Place,
  since: number,
): Promise<Statement> {
  const body = { serverId, conversationId: world.conversationId, userId, since };
  const { secretKey } = device.signatureKey;
  return statement.decode(await signDeviceStatement({ type: 'leave-request', secretKey, body }));
}

async function repairOf(
  world: World,
  broken: Place,
): Promise<{ bundle: KeyPackageBundle; request: Statement }> {
  const { bundle, request } = await repairRequest(world, broken, { at: NOW });
  return { bundle, request: statement.decode(request) };
}

async function joinOf({ conversationId }: World, person: Human): Promise<Statement> {
  const { userId } = person;
  const mac = joinMac({ linkSecret, userId, conversationId });
  const request = await signDeviceStatement({
    type: 'join-request',
    secretKey: deviceOf(person).signatureKey.secretKey,
    body: { serverId, conversationId, userId, linkId, mac, at: NOW },
  });
  return statement.decode(request);
}

/** Another leaf under the id of a device that is here. */
async function twinOf({
  human: { identitySeed, userId },
  device: { deviceId },
}: Place): Promise<KeyPackageBundle> {
  const signatureKey = await createSigningKey();
  const leafSignatureKey = signatureKey.publicKey;
  const certificate = await certifyDevice({
    identitySeed,
    serverId,
    deviceId,
    leafSignatureKey,
    suite: SUITE,
  });
  return packageOf({ serverId, userId, deviceId, signatureKey, certificate });
}

async function eightMore({ identitySeed, userId }: Human): Promise<KeyPackageBundle[]> {
  const bundles: KeyPackageBundle[] = [];
  while (bundles.length < 8) bundles.push(await packageOf(await makeDevice(identitySeed, userId)));
  return bundles;
}

async function lastingPackage(person: Human): Promise<KeyPackageBundle> {
  const suite = await loadSuite();
  const { certificate, signatureKey } = deviceOf(person);
  const notBefore = BigInt(NOW / 1000);
  const { publicPackage } = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: certificate },
    capabilities,
    { notBefore, notAfter: notBefore + 31n * 86_400n },
    [],
    { publicKey: signatureKey.publicKey, signKey: signatureKey.secretKey },
    suite,
  );
  return {
    keyPackage: encodeKeyPackage(publicPackage),
    ref: await makeKeyPackageRef(publicPackage, suite.hash),
    secrets: new Uint8Array(),
    notAfter: NOW,
  };
}
