import {
  deviceList,
  statement,
  type DeviceId,
  type IdentityKey,
  type ListedDevice,
  type ServerId,
  type Username,
} from '@wisp/protocol';
import { signLabelled, signingKeyFromSeed } from './ed25519.js';
import { userIdOf } from './user-id.js';
import type { VerifiedDeviceList } from './verify-device-list.js';

const NO_LIST = new Uint8Array(32);

export interface FirstDeviceList {
  /** The seed of the identity key, 32 bytes. */
  identitySeed: Uint8Array;
  serverId: ServerId;
  username: Username;
  issuedAt: number;
  devices: ListedDevice[];
}

/** Version 1 of a new user's list, for vault version 1: the statement's bytes. */
export async function signFirstDeviceList(input: FirstDeviceList): Promise<Uint8Array> {
  const { identitySeed, ...rest } = input;
  return sign(identitySeed, { ...rest, version: 1, prev: NO_LIST, vaultVersion: 1 });
}

export interface NextDeviceList {
  identitySeed: Uint8Array;
  /** The newest list, verified. */
  previous: VerifiedDeviceList;
  issuedAt: number;
  vaultVersion?: number;
  add?: ListedDevice[];
  revoke?: DeviceId[];
}

/** The list after `previous`. The identity seed has to be the one that signed it. */
export async function signNextDeviceList(input: NextDeviceList): Promise<Uint8Array> {
  const { previous, issuedAt, add = [], revoke = [] } = input;
  const kept = previous.devices.filter((device) => !revoke.includes(device.deviceId));
  return sign(input.identitySeed, {
    serverId: previous.serverId,
    username: previous.username,
    version: previous.version + 1,
    prev: previous.hash,
    issuedAt,
    vaultVersion: input.vaultVersion ?? previous.vaultVersion,
    devices: [...kept, ...add],
  });
}

interface ListParts {
  serverId: ServerId;
  username: Username;
  version: number;
  prev: Uint8Array;
  issuedAt: number;
  vaultVersion: number;
  devices: ListedDevice[];
}

async function sign(identitySeed: Uint8Array, parts: ListParts): Promise<Uint8Array> {
  const { publicKey } = await signingKeyFromSeed(identitySeed);
  const identityKey: IdentityKey = { alg: 'ed25519', key: publicKey };
  const body = deviceList.encode({ ...parts, identityKey, userId: userIdOf(identityKey) });
  const sig = await signLabelled(identitySeed, { label: 'device-list', body });
  return statement.encode({ type: 'device-list', body, sig });
}
