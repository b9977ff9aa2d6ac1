import type { ConversationId, ServerId, UserId } from '../ids.js';
import { conversationId, serverId, userId } from './parts.js';
import { uint } from './shape.js';
import { structure, type Structure } from './structure.js';

/** The body of a `leave-request` statement, signed by any device of the user (protocol §4). */
export interface LeaveRequest {
  serverId: ServerId;
  conversationId: ConversationId;
  userId: UserId;
  /** The roster entry's `since`: it makes the request useless after a re-join. */
  since: number;
}

export const leaveRequest: Structure<LeaveRequest> = structure('LeaveRequest', {
  maxBytes: 256,
  fields: { serverId, conversationId, userId, since: uint(Number.MAX_SAFE_INTEGER, 1) },
});
