import {
  deviceList,
  encodeBase64url,
  statement,
  type IdentityKey,
  type ListedDevice,
  type ServerId,
  type UserId,
  type Username,
} from '@wisp/protocol';
import { verifyLabelled } from './ed25519.js';
import { hashStatement } from './hash-statement.js';
import { decodeOrNull, refused, type Refused } from './refused.js';
import { userIdOf } from './user-id.js';

/** A device list whose signature holds; whether it is the newest, only the chain and the server can say. */
export interface VerifiedDeviceList {
  readonly serverId: ServerId;
  readonly userId: UserId;
  readonly identityKey: IdentityKey;
  readonly username: Username;
  readonly version: number;
  /** SHA-256 of the statement. */
  readonly hash: Uint8Array;
  /** The hash of the list before; zeros in version 1. */
  readonly prev: Uint8Array;
  readonly issuedAt: number;
  readonly vaultVersion: number;
  readonly devices: readonly ListedDevice[];
  /** The statement's bytes as they came. */
  readonly statement: Uint8Array;
}

export type DeviceListRefusal =
  | 'malformed'
  /** A statement of another type. */
  | 'wrong-type'
  | 'wrong-server'
  | 'wrong-user'
  /** The user id is not the hash of the identity key: a swapped key. */
  | 'identity-key'
  | 'signature'
  /** Two devices with one signature key. */
  | 'device-key-twice';

export type DeviceListVerdict =
  { readonly kind: 'ok'; readonly list: VerifiedDeviceList } | Refused<DeviceListRefusal>;

export interface ListOwner {
  serverId: ServerId;
  userId: UserId;
}

/** Judges one device list on its own (protocol §2): whose it is and who signed it. */
export async function verifyDeviceList(bytes: Uint8Array, owner: ListOwner): Promise<DeviceListVerdict> {
  const signed = decodeOrNull(statement, bytes);
  if (signed === null) return refused('malformed');
  if (signed.type !== 'device-list') return refused('wrong-type');
  const list = decodeOrNull(deviceList, signed.body);
  if (list === null) return refused('malformed');
  if (list.serverId !== owner.serverId) return refused('wrong-server');
  if (list.userId !== owner.userId) return refused('wrong-user');
  if (userIdOf(list.identityKey) !== list.userId) return refused('identity-key');
  const { body, sig } = signed;
  if (!(await verifyLabelled(list.identityKey.key, { label: 'device-list', body, sig }))) {
    return refused('signature');
  }
  const keys = new Set(list.devices.map((device) => encodeBase64url(device.signatureKey)));
  if (keys.size !== list.devices.length) return refused('device-key-twice');
  return { kind: 'ok', list: { ...list, hash: hashStatement(bytes), statement: bytes } };
}
