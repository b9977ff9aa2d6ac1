import type {
  ConversationId,
  DeviceId,
  FetchAnswer,
  FetchWish,
  RoleNumber,
  Seq,
  SyncAnswer,
  UserId,
} from '@wisp/protocol';
import type { Caller } from './log.js';

export interface AttachedConversation {
  readonly conversation: ConversationId;
  readonly newestCommitSeq: Seq;
}

export interface Membership {
  /** 0: the conversation is unknown. */
  readonly newestCommitSeq: Seq;
  readonly members: { user: UserId; device: DeviceId; role: RoleNumber }[];
}

/** What may be read of the log; each answer is of one snapshot and serves members only. */
export interface ReadLog {
  fetchEntries(caller: Caller, wishes: readonly FetchWish[]): Promise<FetchAnswer>;
  syncDevice(caller: Caller, since: string | undefined): Promise<SyncAnswer>;
  attachDevice(caller: Caller): Promise<AttachedConversation[]>;
  listMembers(conversation: ConversationId): Promise<Membership>;
}
