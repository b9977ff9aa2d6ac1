import { randomBytes, randomUUID } from 'node:crypto';
import {
  conversationId as conversationIdSchema,
  deviceId as deviceIdSchema,
  serverId as serverIdSchema,
  username as usernameSchema,
  type ConversationId,
  type ConversationSettings,
  type DeviceId,
  type RoleNumber,
  type Seq,
  type UserId,
} from '@wisp/protocol';
import {
  certifyDevice,
  createKeyPackage,
  createSigningKey,
  signFirstDeviceList,
  signNextDeviceList,
  SUITE,
  userIdOf,
  verifyDeviceList,
  type KeyPackageBundle,
  type OwnDevice,
  type Person,
  type VerifiedDeviceList,
} from '../src/index.js';

/*
 * People with real identities, devices and device lists, for tests of sessions.
 */

export const serverId = serverIdSchema.parse('00000000-0000-4000-8000-0000000000aa');
export const NOW = 1_800_000_000_000;

export interface Human {
  readonly name: string;
  readonly identitySeed: Uint8Array;
  readonly userId: UserId;
  list: VerifiedDeviceList;
  readonly devices: OwnDevice[];
}

export async function makeDevice(identitySeed: Uint8Array, userId: UserId): Promise<OwnDevice> {
  const signatureKey = await createSigningKey();
  const deviceId = deviceIdSchema.parse(randomUUID());
  const certificate = await certifyDevice({
    identitySeed,
    serverId,
    deviceId,
    leafSignatureKey: signatureKey.publicKey,
    suite: SUITE,
  });
  return { serverId, userId, deviceId, signatureKey, certificate };
}

async function verified(statement: Uint8Array, userId: UserId): Promise<VerifiedDeviceList> {
  const verdict = await verifyDeviceList(statement, { serverId, userId });
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.list;
}

const listed = (device: OwnDevice) => ({
  deviceId: device.deviceId,
  signatureKey: device.signatureKey.publicKey,
  addedAt: NOW,
});

export async function human(name: string): Promise<Human> {
  const identity = await createSigningKey();
  const userId = userIdOf({ alg: 'ed25519', key: identity.publicKey });
  const device = await makeDevice(identity.secretKey, userId);
  const statement = await signFirstDeviceList({
    identitySeed: identity.secretKey,
    serverId,
    username: usernameSchema.parse(name),
    issuedAt: NOW,
    devices: [listed(device)],
  });
  const list = await verified(statement, userId);
  return { name, identitySeed: identity.secretKey, userId, list, devices: [device] };
}

/** A second, third … device, in the next version of the list. */
export async function addDevice(person: Human): Promise<OwnDevice> {
  const device = await makeDevice(person.identitySeed, person.userId);
  await changeList(person, { add: [listed(device)] });
  person.devices.push(device);
  return device;
}

export async function revokeDevice(person: Human, deviceId: DeviceId): Promise<void> {
  await changeList(person, { revoke: [deviceId] });
  const at = person.devices.findIndex((device) => device.deviceId === deviceId);
  person.devices.splice(at, 1);
}

async function changeList(
  person: Human,
  change: Partial<Parameters<typeof signNextDeviceList>[0]>,
): Promise<void> {
  const statement = await signNextDeviceList({
    identitySeed: person.identitySeed,
    previous: person.list,
    issuedAt: NOW,
    ...change,
  });
  person.list = await verified(statement, person.userId);
}

export const deviceOf = (person: Human, index = 0): OwnDevice => {
  const device = person.devices[index];
  if (device === undefined) throw new RangeError(`${person.name} has no device ${index}`);
  return device;
};

export const asPerson = (person: Human, role: RoleNumber): Person => ({
  userId: person.userId,
  role,
  deviceList: person.list,
});

export const settings: ConversationSettings = {
  timer: { mode: 'none', ttl: 0 },
  title: '',
  about: '',
  whoMayAdd: 3,
  whoMayEdit: 3,
  whoMayPost: 1,
};

export const newConversationId = (): ConversationId =>
  conversationIdSchema.parse(`01900000-0000-7000-8000-${randomBytes(6).toString('hex')}`);

export const packageOf = (device: OwnDevice, lastResort = false): Promise<KeyPackageBundle> =>
  createKeyPackage({ me: device, now: NOW, lastResort });

export const seq = (n: number): Seq => n as Seq;
export const zeroHead = { seq: seq(0), hash: new Uint8Array(32) };

/** Answers with the KeyPackages of a device by their ref. */
export const keyring = (bundles: readonly KeyPackageBundle[]) => ({
  findKeyPackage: (ref: Uint8Array) =>
    bundles.find((bundle) => Buffer.compare(bundle.ref, ref) === 0) ?? null,
});
