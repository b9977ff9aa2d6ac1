import type { ConversationId, DeviceId, Seq, UserId } from '@wisp/protocol';
import { itemsOfEnding, type Announcements } from './announcements.js';
import type { ForgetList } from './forget-read.js';
import type { EndedMemberships } from './log.js';

export interface Departure {
  readonly user: UserId;
  readonly conversation: ConversationId;
  /** The newest commit that it is about. */
  readonly newestCommitSeq: Seq;
}

export interface DepartureLog {
  /** Also devices that had left before: a departure may be told twice. */
  leaveConversation(departure: Departure): Promise<EndedMemberships>;
}

export interface DeparturePorts {
  readonly log: DepartureLog;
  readonly announcements: Announcements;
  readonly forget: ForgetList;
}

/** Ends a user's membership by their own word; a member's commit follows. Throws where the gateways weren't told. */
export async function leaveConversation(
  { log, announcements, forget }: DeparturePorts,
  departure: Departure,
): Promise<DeviceId[]> {
  const ended = await log.leaveConversation(departure);
  // Whoever left holds back no after-read message any more.
  forget.add(departure.conversation);
  if (!(await announcements.announce(ended.timeline, itemsOfEnding(departure.user, ended)))) {
    throw new Error('a departure was not told');
  }
  return ended.conversations.flatMap(({ devices }) => devices);
}
