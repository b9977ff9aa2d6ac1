import {
  deviceCertificate,
  deviceClaim,
  type DeviceId,
  type IdentityKey,
  type ServerId,
  type UserId,
} from '@wisp/protocol';
import { signLabelled, signingKeyFromSeed, verifyLabelled } from './ed25519.js';
import { decodeOrNull, refused, type Refused } from './refused.js';
import { userIdOf } from './user-id.js';

/** What the verifier knows of the leaf that carries the certificate. */
export interface CertifiedLeaf {
  serverId: ServerId;
  /** The leaf's Ed25519 key, 32 bytes. */
  leafSignatureKey: Uint8Array;
  /** The group's MLS cipher suite. */
  suite: number;
}

export interface CertifyInput extends CertifiedLeaf {
  /** The seed of the identity key, 32 bytes. */
  identitySeed: Uint8Array;
  deviceId: DeviceId;
}

/** Makes the identity bytes of an MLS basic credential (RFC 9420 §5.3; protocol §2). */
export async function certifyDevice(input: CertifyInput): Promise<Uint8Array> {
  const { serverId, leafSignatureKey, suite, deviceId, identitySeed } = input;
  const { publicKey } = await signingKeyFromSeed(identitySeed);
  const identityKey: IdentityKey = { alg: 'ed25519', key: publicKey };
  const userId = userIdOf(identityKey);
  const body = deviceClaim.encode({ serverId, userId, deviceId, leafSignatureKey, suite });
  const sig = await signLabelled(identitySeed, { label: 'device-cert', body });
  return deviceCertificate.encode({ userId, deviceId, identityKey, sig });
}

export type CertificateRefusal =
  | 'malformed'
  /** The user id is not the hash of the identity key. */
  | 'user-id'
  /** Of another leaf key, suite, device or server, or simply forged. */
  | 'signature';

export type CertificateVerdict =
  | {
      readonly kind: 'ok';
      readonly userId: UserId;
      readonly deviceId: DeviceId;
      readonly identityKey: IdentityKey;
    }
  | Refused<CertificateRefusal>;

/** Judges the identity bytes of a leaf's credential; the verifier builds the signed claim itself. */
export async function verifyDeviceCertificate(
  certificate: Uint8Array,
  leaf: CertifiedLeaf,
): Promise<CertificateVerdict> {
  const decoded = decodeOrNull(deviceCertificate, certificate);
  if (decoded === null || leaf.leafSignatureKey.length !== 32) return refused('malformed');
  const { userId, deviceId, identityKey, sig } = decoded;
  if (userIdOf(identityKey) !== userId) return refused('user-id');
  const { serverId, leafSignatureKey, suite } = leaf;
  const body = deviceClaim.encode({ serverId, userId, deviceId, leafSignatureKey, suite });
  const signed = await verifyLabelled(identityKey.key, { label: 'device-cert', body, sig });
  return signed ? { kind: 'ok', userId, deviceId, identityKey } : refused('signature');
}
