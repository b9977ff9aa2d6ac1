import type { ConversationId, ConversationState, Seq, UserId } from '@wisp/protocol';
import { NONE_ABSENT, type ConversationRecord } from './records.js';

/** The record of a conversation that begins for this device. */
export function newConversationRecord(
  begin: Pick<ConversationState, 'conversationId' | 'kind' | 'incarnation' | 'settings'> & {
    state: ConversationRecord['state'];
    self: UserId;
    users: readonly UserId[];
    /** Where the walk starts. */
    from: { seq: Seq; hash: string };
    now: number;
  },
): ConversationRecord {
  const id: ConversationId = begin.conversationId;
  return {
    id,
    kind: begin.kind,
    incarnation: begin.incarnation,
    state: begin.state,
    peer: begin.kind === 'direct' ? (begin.users.find((user) => user !== begin.self) ?? null) : null,
    users: [...begin.users],
    timeline: 0,
    cursor: begin.from.seq,
    headSeq: begin.from.seq,
    headHash: begin.from.hash,
    lastCommitSeq: begin.from.seq,
    serverHead: begin.from.seq,
    ownN: 0,
    ownKept: 0,
    serverSawCounter: 0,
    sentSinceHealing: 0,
    healedAt: begin.now,
    senders: {},
    absent: NONE_ABSENT,
    acceptedOn: 0,
    acked: {},
    timer: begin.settings.timer,
    hold: null,
    released: [],
    seenOrder: 0,
    unread: 0,
    firstUnread: null,
    spoken: false,
    draft: '',
    activeAt: begin.now,
    shift: 0,
    standing: null,
    pastGroups: [],
    beganAtSeq: begin.from.seq,
    heardOf: 0,
    aheadSeq: null,
    rewalkTo: 0 as Seq,
    astray: null,
    renewal: null,
    ownCountLost: false,
    sawStart: true,
    mendedAt: 0,
    toldSeenOrder: 0,
    unseen: null,
    goneAt: null,
    receiptsDue: null,
  };
}
