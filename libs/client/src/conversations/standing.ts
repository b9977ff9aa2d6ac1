import { viewGroup, type GroupView, type Session, type WelcomeExpectation } from '@wisp/e2ee';
import { conversationState, decodeBase64url, encodeBase64url } from '@wisp/protocol';
import type { ConversationRecord, StandingRecord } from './records.js';

/** What outlives the session of an epoch: public within the group, no secret. */
export function standingOf(session: Session): StandingRecord {
  const { groupId, epoch, transcriptHash, own, state } = viewGroup(session);
  return {
    groupId: encodeBase64url(groupId),
    epoch,
    transcriptHash: encodeBase64url(transcriptHash),
    leafHash: encodeBase64url(own.hash),
    state: encodeBase64url(conversationState.encode(state)),
  };
}

/** The newest epoch that this device knows of its group; null: it has never known one. */
export function knownEpoch(
  record: ConversationRecord,
): Pick<GroupView, 'groupId' | 'epoch' | 'transcriptHash' | 'state'> | null {
  const { standing } = record;
  if (standing === null) return null;
  return {
    groupId: decodeBase64url(standing.groupId),
    epoch: standing.epoch,
    transcriptHash: decodeBase64url(standing.transcriptHash),
    state: conversationState.decode(decodeBase64url(standing.state)),
  };
}

/** What a Welcome for a conversation that this device is in has to fit (protocol §4, Joining and Next incarnation). */
export function expectationOf(record: ConversationRecord): WelcomeExpectation {
  const known = knownEpoch(record);
  const past = record.pastGroups.map(({ groupId, epoch, transcriptHash }) => ({
    groupId: decodeBase64url(groupId),
    epoch,
    transcriptHash: decodeBase64url(transcriptHash),
  }));
  return {
    conversationId: record.id,
    kind: record.kind,
    knownGroups: known === null ? past : [...past, known],
    ...(known === null ? {} : { previous: { state: known.state, removedUsers: [] } }),
    ...(record.peer === null ? {} : { peer: record.peer }),
  };
}
