import type { RoleNumber } from '../http/conversations.js';
import type { DeviceId, UserId } from '../ids.js';
import { userIdToBytes, uuidToBytes } from '../ids.js';
import { userIdOrder } from './parts.js';

/** A device in a conversation's member table. */
export interface ConversationMember {
  userId: UserId;
  deviceId: DeviceId;
  role: RoleNumber;
}

const ROW_BYTES = 32 + 16 + 1;

/**
 * What `CommitInfo.members` is the SHA-256 of: a row of 49 bytes (user id, device id, role) per device, the
 * devices sorted by user id, then device id. Any order is taken.
 */
export function encodeMembers(members: readonly ConversationMember[]): Uint8Array {
  const sorted = members.map((member) => ({
    member,
    key: `${userIdOrder(member.userId)}/${member.deviceId}`,
  }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const encoded = new Uint8Array(sorted.length * ROW_BYTES);
  sorted.forEach(({ member }, index) => {
    const at = index * ROW_BYTES;
    encoded.set(userIdToBytes(member.userId), at);
    encoded.set(uuidToBytes(member.deviceId), at + 32);
    encoded[at + 48] = member.role;
  });
  return encoded;
}
