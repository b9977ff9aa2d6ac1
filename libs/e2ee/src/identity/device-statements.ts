import {
  joinRequest,
  leaveRequest,
  profile,
  repairRequest,
  statement,
  type JoinRequest,
  type LeaveRequest,
  type Profile,
  type RepairRequest,
  type ServerId,
  type Structure,
} from '@wisp/protocol';
import { signLabelled, verifyLabelled } from './ed25519.js';
import { decodeOrNull, refused, type Refused } from './refused.js';

/** The statements that a device signs with its signature key (protocol §1), by type. */
export interface DeviceStatements {
  'leave-request': LeaveRequest;
  'repair-request': RepairRequest;
  'join-request': JoinRequest;
  profile: Profile;
}
export type DeviceStatementType = keyof DeviceStatements;

const structures: { readonly [T in DeviceStatementType]: Structure<DeviceStatements[T]> } = {
  'leave-request': leaveRequest,
  'repair-request': repairRequest,
  'join-request': joinRequest,
  profile,
};

export interface SignStatementInput<T extends DeviceStatementType> {
  type: T;
  body: DeviceStatements[T];
  /** The seed of the device's signature key, 32 bytes. */
  secretKey: Uint8Array;
}

/** The statement's bytes. */
export async function signDeviceStatement<T extends DeviceStatementType>(
  input: SignStatementInput<T>,
): Promise<Uint8Array> {
  const body = structures[input.type].encode(input.body);
  const sig = await signLabelled(input.secretKey, { label: input.type, body });
  return statement.encode({ type: input.type, body, sig });
}

export type DeviceStatementRefusal = 'malformed' | 'wrong-type' | 'wrong-server' | 'signature';

export type DeviceStatementVerdict<T extends DeviceStatementType> =
  | {
      readonly kind: 'ok';
      readonly body: DeviceStatements[T];
      /** The one of `signatureKeys` that signed it. */
      readonly signedBy: Uint8Array;
    }
  | Refused<DeviceStatementRefusal>;

export interface VerifyStatementInput<T extends DeviceStatementType> {
  type: T;
  serverId: ServerId;
  /** Keys that may have signed it: those of the user's current devices. */
  signatureKeys: readonly Uint8Array[];
}

/** Who signed it and for which server; whether its user, conversation and moment fit is the caller's to judge. */
export async function verifyDeviceStatement<T extends DeviceStatementType>(
  bytes: Uint8Array,
  { type, serverId, signatureKeys }: VerifyStatementInput<T>,
): Promise<DeviceStatementVerdict<T>> {
  const signed = decodeOrNull(statement, bytes);
  if (signed === null) return refused('malformed');
  if (signed.type !== type) return refused('wrong-type');
  const body = decodeOrNull(structures[type], signed.body);
  if (body === null) return refused('malformed');
  if (body.serverId !== serverId) return refused('wrong-server');
  for (const key of signatureKeys) {
    if (await verifyLabelled(key, { label: type, body: signed.body, sig: signed.sig })) {
      return { kind: 'ok', body, signedBy: key };
    }
  }
  return refused('signature');
}
