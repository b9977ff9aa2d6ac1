import type { ConversationId, DeviceId, Seq, ServerId } from '../ids.js';
import { limits } from '../limits.js';
import { optional } from './map.js';
import { conversationId, deviceId, hash, seq, serverId, timestamp } from './parts.js';
import { bytes, choice, type ShapeValue } from './shape.js';
import { structure, type Structure } from './structure.js';

export const repairReason = choice({
  /** My own path secret or the confirmation tag. */
  'commit-unreadable': 1,
  'store-damaged': 2,
  'store-rolled-back': 3,
  /** Messages of a higher epoch at the log's head. */
  'epoch-behind': 4,
});
export type RepairReason = ShapeValue<typeof repairReason>;

/** The body of a `repair-request` statement: evidence for Remove and Add of exactly this device (protocol §4). */
export interface RepairRequest {
  serverId: ServerId;
  conversationId: ConversationId;
  /** The MLS group id of the incarnation that is broken for this device. */
  groupId: Uint8Array;
  deviceId: DeviceId;
  /** SHA-256 of the device's LeafNode (RFC 9420 §7.2, encoded) as the tree holds it: valid while it does. */
  leafHash: Uint8Array;
  reason: RepairReason;
  /** The entry that couldn't be applied, where there is one. */
  badSeq?: Seq;
  /** A fresh KeyPackage (RFC 9420 §10, encoded) to add the device with. */
  keyPackage: Uint8Array;
  at: number;
}

export const groupIdBytes = bytes(64, 16);

export const repairRequest: Structure<RepairRequest> = structure('RepairRequest', {
  maxBytes: limits.keyPackageBytes + 512,
  fields: {
    serverId,
    conversationId,
    groupId: groupIdBytes,
    deviceId,
    leafHash: hash,
    reason: repairReason,
    badSeq: optional(seq),
    keyPackage: bytes(limits.keyPackageBytes, 1),
    at: timestamp,
  },
});
