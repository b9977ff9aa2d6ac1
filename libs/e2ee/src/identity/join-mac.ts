import { userIdToBytes, uuidToBytes, type ConversationId, type UserId } from '@wisp/protocol';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { loadSodium } from '../sodium/load-sodium.js';

export interface JoinMacInput {
  /** The link's secret, 32 bytes. */
  linkSecret: Uint8Array;
  userId: UserId;
  conversationId: ConversationId;
}

/** `HMAC-SHA-256(link secret, userId ‖ conversationId)` (RFC 2104; protocol §4). */
export function joinMac({ linkSecret, userId, conversationId }: JoinMacInput): Uint8Array {
  return hmac(sha256, linkSecret, concatBytes(userIdToBytes(userId), uuidToBytes(conversationId)));
}

/** Compares in constant time. */
export async function verifyJoinMac(mac: Uint8Array, input: JoinMacInput): Promise<boolean> {
  const sodium = await loadSodium();
  return mac.length === 32 && sodium.memcmp(mac, joinMac(input));
}
