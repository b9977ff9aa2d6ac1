import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  CborRefusal,
  deviceList,
  encodeBase64url,
  statement,
  userIdFromBytes,
  type DeviceList,
  type IdentityKey,
  type UserId,
} from '@wisp/protocol';

/** A device list whose signature holds, with its statement as it came. */
export interface SignedDeviceList {
  readonly list: DeviceList;
  readonly statement: Uint8Array;
  /** SHA-256 of the statement. */
  readonly hash: Uint8Array;
}

export type DeviceListRefusal =
  | 'malformed'
  | 'signature'
  /** The user id is not the hash of the identity key. */
  | 'identity-key'
  | 'wrong-server'
  | 'wrong-user'
  | 'wrong-username'
  | 'wrong-version'
  | 'wrong-vault-version'
  | 'device-not-listed'
  | 'device-key-twice'
  | 'device-changed'
  | 'no-device';

export interface DeviceListRefused {
  readonly kind: 'refused';
  readonly reason: DeviceListRefusal;
}
export type ReadDeviceList = { readonly kind: 'ok'; readonly signed: SignedDeviceList } | DeviceListRefused;

const LABEL = Buffer.from('wisp/device-list/1');
const algorithms = { ed25519: 1 } as const satisfies Record<IdentityKey['alg'], number>;

export function refuseList(reason: DeviceListRefusal): DeviceListRefused {
  return { kind: 'refused', reason };
}

/** Decodes a device list and checks what it says of itself: key, signature, devices (protocol §2). */
export function readDeviceList(bytes: Uint8Array): ReadDeviceList {
  const decoded = decode(bytes);
  if (decoded === null) return refuseList('malformed');
  const { list, body, sig } = decoded;
  if (userIdOf(list.identityKey) !== list.userId) return refuseList('identity-key');
  if (!verify(null, Buffer.concat([LABEL, body]), ed25519Key(list.identityKey.key), sig)) {
    return refuseList('signature');
  }
  if (list.devices.length === 0) return refuseList('no-device');
  const keys = new Set(list.devices.map((device) => encodeBase64url(device.signatureKey)));
  if (keys.size !== list.devices.length) return refuseList('device-key-twice');
  return {
    kind: 'ok',
    signed: { list, statement: bytes, hash: createHash('sha256').update(bytes).digest() },
  };
}

/** A list that was checked when it was stored. */
export function trustStoredList(bytes: Uint8Array): SignedDeviceList {
  const decoded = decode(bytes);
  if (decoded === null) throw new Error('a stored device list is damaged');
  return { list: decoded.list, statement: bytes, hash: createHash('sha256').update(bytes).digest() };
}

/** `SHA-256("wisp/user/1" ‖ alg ‖ publicKey)` (protocol §2). */
function userIdOf({ alg, key }: IdentityKey): UserId {
  const hash = createHash('sha256').update('wisp/user/1').update(Uint8Array.of(algorithms[alg])).update(key);
  return userIdFromBytes(hash.digest());
}

function ed25519Key(key: Uint8Array) {
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(key) },
  });
}

function decode(bytes: Uint8Array): { list: DeviceList; body: Uint8Array; sig: Uint8Array } | null {
  try {
    const { type, body, sig } = statement.decode(bytes);
    return type === 'device-list' ? { list: deviceList.decode(body), body, sig } : null;
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw error;
  }
}
