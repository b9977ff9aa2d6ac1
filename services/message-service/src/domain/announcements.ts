import { limits, type ConversationId, type DeliveryItem, type Seq, type UserId } from '@wisp/protocol';
import type { AppendVerdict, EndedMemberships, NewCommit, NewMessage } from './log.js';

/** Tells the gateways. Events only make it sooner: whatever a device must learn is in the log or in `sync`. */
export interface Announcements {
  /** Whether the bus has all of it. */
  announce(timeline: number, items: readonly DeliveryItem[]): Promise<boolean>;
}

/** What an appended message is worth telling; `text` is its body as it was uploaded. */
export function itemsOfMessage(message: NewMessage, verdict: AppendVerdict, text: string): DeliveryItem[] {
  const { conversation, user, device, body } = message;
  if (verdict.kind === 'duplicate') return [ring(conversation, verdict.newestCommitSeq, verdict.head)];
  if (verdict.kind !== 'stored') return [];
  const { seq, acceptedAt, expiresAt, newestCommitSeq } = verdict;
  if (body.length > limits.pushedEntryBytes) return [ring(conversation, newestCommitSeq, seq)];
  const deadline = expiresAt === undefined ? {} : { expiresAt };
  return [
    {
      kind: 'message',
      conversation,
      newestCommitSeq,
      seq,
      user,
      device,
      acceptedAt,
      ...deadline,
      body: text,
    },
  ];
}

export function itemOfCommit(commit: NewCommit, stored: { seq: Seq; acceptedAt: number }): DeliveryItem {
  const { conversation, user, device, adds, removes, lastCommitSeq, body } = commit;
  const pushed = body.length <= limits.pushedEntryBytes;
  return {
    kind: 'commit',
    conversation,
    newestCommitSeq: stored.seq,
    seq: stored.seq,
    user,
    device,
    acceptedAt: stored.acceptedAt,
    ...(pushed ? { body: Buffer.from(body).toString('base64url') } : {}),
    adds: adds.map((added) => ({ user: added.user, device: added.device })),
    removes: [...removes],
    previousCommitSeq: lastCommitSeq,
  };
}

/** Memberships that ended without a commit. */
export function itemsOfEnding(user: UserId, { conversations }: EndedMemberships): DeliveryItem[] {
  return conversations.map(({ conversation, newestCommitSeq, devices }) => ({
    kind: 'ended',
    conversation,
    newestCommitSeq,
    user,
    devices: [...devices],
  }));
}

export function ring(conversation: ConversationId, newestCommitSeq: Seq, seq: Seq): DeliveryItem {
  return { kind: 'head', conversation, newestCommitSeq, seq };
}
