import type { SyncedConversation } from '@wisp/protocol';
import type { ConversationRecord } from './records.js';

/** What went with a damaged record, and the server knows as well. */
export function countedByServer(
  { ownCountLost, ownN, cursor, lastCommitSeq }: ConversationRecord,
  { lastN, newestCommitSeq }: SyncedConversation,
): Partial<ConversationRecord> {
  if (!ownCountLost) return {};
  return {
    ownN: Math.max(ownN, lastN),
    // A newer one comes by in the walk.
    lastCommitSeq: newestCommitSeq <= cursor ? newestCommitSeq : lastCommitSeq,
  };
}
