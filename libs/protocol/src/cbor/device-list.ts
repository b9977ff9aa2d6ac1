import type { DeviceId, ServerId, UserId, Username } from '../ids.js';
import { limits } from '../limits.js';
import { constant, map } from './map.js';
import {
  deviceId,
  hash,
  identityKey,
  publicKey,
  serverId,
  timestamp,
  userId,
  username,
  type IdentityKey,
} from './parts.js';
import { CborRefusal } from './refusal.js';
import { checked, sortedArray, uint, type Shape } from './shape.js';
import { structureOf } from './structure.js';

export interface ListedDevice {
  deviceId: DeviceId;
  /** The Ed25519 key of the device's MLS leaf and of its statements. */
  signatureKey: Uint8Array;
  addedAt: number;
}

/** The body of a `device-list` statement: all devices of a user (protocol §2). Sorted by device id. */
export interface DeviceList {
  serverId: ServerId;
  userId: UserId;
  identityKey: IdentityKey;
  username: Username;
  /** From 1, each list one more. */
  version: number;
  /** SHA-256 of the statement before; 32 zeros in version 1. */
  prev: Uint8Array;
  issuedAt: number;
  /** The oldest vault that is still good. */
  vaultVersion: number;
  devices: ListedDevice[];
}

const listedDevice: Shape<ListedDevice> = map({ deviceId, signatureKey: publicKey, addedAt: timestamp });

const shape: Shape<DeviceList> = map({
  v: constant(1, 'unknown-version'),
  serverId,
  userId,
  identityKey,
  username,
  version: uint(0xffff_ffff, 1),
  prev: hash,
  issuedAt: timestamp,
  vaultVersion: uint(0xffff_ffff, 1),
  devices: sortedArray(listedDevice, limits.devicesPerUser, (device) => device.deviceId),
});

export const deviceList = structureOf<DeviceList>(
  'DeviceList',
  limits.deviceListBytes,
  checked(shape, (list, at) => {
    const first = list.prev.every((byte) => byte === 0);
    if (first !== (list.version === 1)) throw new CborRefusal('inconsistent', `${at}.prev`);
  }),
);
