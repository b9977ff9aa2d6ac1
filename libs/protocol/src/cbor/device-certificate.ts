import type { DeviceId, ServerId, UserId } from '../ids.js';
import { deviceId, identityKey, publicKey, serverId, signature, userId, type IdentityKey } from './parts.js';
import { uint } from './shape.js';
import { structure, type Structure } from './structure.js';

/** The identity of an MLS basic credential (protocol §2). `sig` covers a `DeviceClaim` that the verifier builds. */
export interface DeviceCertificate {
  userId: UserId;
  deviceId: DeviceId;
  identityKey: IdentityKey;
  sig: Uint8Array;
}

export const deviceCertificate: Structure<DeviceCertificate> = structure('DeviceCertificate', {
  maxBytes: 256,
  fields: { userId, deviceId, identityKey, sig: signature },
});

/** What a device certificate's signature covers; it is never sent. `suite` is the MLS cipher suite's number. */
export interface DeviceClaim {
  serverId: ServerId;
  userId: UserId;
  deviceId: DeviceId;
  leafSignatureKey: Uint8Array;
  suite: number;
}

export const deviceClaim: Structure<DeviceClaim> = structure('DeviceClaim', {
  maxBytes: 256,
  fields: { serverId, userId, deviceId, leafSignatureKey: publicKey, suite: uint(0xffff) },
});
