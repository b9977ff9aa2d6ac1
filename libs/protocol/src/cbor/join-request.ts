import type { ConversationId, ServerId, UserId } from '../ids.js';
import { conversationId, hash, serverId, timestamp, userId } from './parts.js';
import { fixedBytes } from './shape.js';
import { structure, type Structure } from './structure.js';

/** The body of a `join-request` statement: someone who holds an invitation link asks to be added (protocol §4). */
export interface JoinRequest {
  serverId: ServerId;
  conversationId: ConversationId;
  userId: UserId;
  /** 16 bytes: names one of the state's links. */
  linkId: Uint8Array;
  /** HMAC-SHA-256 of the link's secret over user id and conversation id. */
  mac: Uint8Array;
  at: number;
}

export const joinRequest: Structure<JoinRequest> = structure('JoinRequest', {
  maxBytes: 256,
  fields: { serverId, conversationId, userId, linkId: fixedBytes(16), mac: hash, at: timestamp },
});
