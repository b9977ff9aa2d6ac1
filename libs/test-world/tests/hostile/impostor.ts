import {
  certifyDevice,
  createKeyPackage,
  createSigningKey,
  signFirstDeviceList,
  SUITE,
  userIdOf,
  type OwnDevice,
} from '@wisp/e2ee';
import {
  deviceId as deviceIdSchema,
  encodeBase64url,
  findUser,
  getDeviceLists,
  type DeviceId,
  type ListedDevice,
  type ServerId,
  type UserId,
  type Username,
} from '@wisp/protocol';
import type { HostileProxy, Stop } from '../../src/index.js';

/** An identity that the server has made for itself under somebody's name: everything is signed, by its own keys. */
export interface Impostor {
  userId: UserId;
  username: Username;
  identitySeed: Uint8Array;
  device: OwnDevice;
  listed: ListedDevice;
  deviceList: Uint8Array;
}

export async function makeImpostor(serverId: ServerId, username: Username): Promise<Impostor> {
  const identity = await createSigningKey();
  const userId = userIdOf({ alg: 'ed25519', key: identity.publicKey });
  const identitySeed = identity.secretKey;
  const device = await makeDevice({ serverId, userId, identitySeed });
  const listed = {
    deviceId: device.deviceId,
    signatureKey: device.signatureKey.publicKey,
    addedAt: Date.now(),
  };
  const deviceList = await signFirstDeviceList({
    identitySeed,
    serverId,
    username,
    issuedAt: Date.now(),
    devices: [listed],
  });
  return { userId, username, identitySeed, device, listed, deviceList };
}

async function makeDevice(owner: {
  serverId: ServerId;
  userId: UserId;
  identitySeed: Uint8Array;
}): Promise<OwnDevice> {
  const { serverId, userId, identitySeed } = owner;
  const signatureKey = await createSigningKey();
  const deviceId = deviceIdSchema.parse(crypto.randomUUID());
  const certificate = await certifyDevice({
    identitySeed,
    serverId,
    deviceId,
    leafSignatureKey: signatureKey.publicKey,
    suite: SUITE,
  });
  return { serverId, userId, deviceId, signatureKey, certificate };
}

/** A package that anybody could claim; `as`: the device that the server says it is of. */
export async function packageOf({ device }: Impostor, as: DeviceId = device.deviceId) {
  const bundle = await createKeyPackage({ me: device, now: Date.now(), lastResort: false });
  return {
    deviceId: as,
    ref: encodeBase64url(bundle.ref),
    keyPackage: encodeBase64url(bundle.keyPackage),
    lastResort: false,
  };
}

/** From here on the server leads the impostor's name to the impostor. */
export function installImpostor(proxy: HostileProxy, impostor: Impostor): Stop {
  const { userId, username } = impostor;
  const deviceList = encodeBase64url(impostor.deviceList);
  const json = (status: number, body: unknown) => ({
    kind: 'text' as const,
    status,
    contentType: 'application/json',
    text: JSON.stringify(body),
  });
  const stops = [
    proxy.onRequest(findUser, ({ query }) =>
      query.get('username') === username ? json(200, { userId, username, deviceList }) : undefined,
    ),
    proxy.onRequest(getDeviceLists, ({ params, query }) => {
      if (params['id'] !== userId) return undefined;
      const deviceLists = query.get('after') === '0' ? [deviceList] : [];
      return json(200, { userId, deleted: false, newest: 1, deviceLists });
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
