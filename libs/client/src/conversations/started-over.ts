import type { Change } from '../store/store.js';
import type { Context } from './context.js';
import { orderOf, placeholderId } from './keys.js';
import type { ConversationRecord, MessageRecord, NoticeRecord } from './records.js';

/**
 * A conversation that begins with somebody under the name of a person whom this device knew (protocol §2): it says so,
 * and where the one before was verified, sending is held until the user goes on. The server's lie looks the same.
 */
export async function tellStartedOver(
  context: Context,
  record: ConversationRecord,
): Promise<{ record: ConversationRecord; changes: Change[] }> {
  const contact = record.peer && (await context.contacts.get(record.peer));
  if (!contact?.replaces || contact.verified) return { record, changes: [] };
  const verified = await wasVerified(context, contact.replaces);
  const notice = { kind: 'started-over', userId: contact.userId, verified } as const;
  return {
    record: verified ? { ...record, hold: { kind: 'identity-changed', userId: contact.userId } } : record,
    changes: context.store.putMessage(record.id, noticeMessage(context, record, notice)),
  };
}

/** Whether sending to this person is held until the user goes on, if nobody has asked them yet. */
export async function isHeldByIdentity(context: Context, peer: ConversationRecord['peer']): Promise<boolean> {
  const contact = peer && (await context.contacts.get(peer));
  return contact?.replaces != null && !contact.verified && (await wasVerified(context, contact.replaces));
}

/** Somebody may start over more than once: the verification of any of them counts. */
async function wasVerified(
  context: Context,
  first: NonNullable<ConversationRecord['peer']>,
): Promise<boolean> {
  let userId: typeof first | null = first;
  while (userId !== null) {
    const before = await context.contacts.get(userId);
    if (before?.verified) return true;
    userId = before?.replaces ?? null;
  }
  return false;
}

function noticeMessage(
  context: Context,
  record: ConversationRecord,
  notice: Extract<NoticeRecord, { kind: 'started-over' }>,
): MessageRecord {
  const now = context.time.now();
  return {
    author: notice.userId,
    device: context.self.deviceId,
    messageId: placeholderId(record.cursor),
    own: false,
    order: orderOf(record, record.cursor),
    seq: null,
    content: { kind: 'notice', notice },
    hash: null,
    timer: { mode: 'none', ttl: 0 },
    sentAt: now,
    acceptedAt: now,
    expiresAt: null,
    receivedAt: now,
    seenAt: now,
    deadline: null,
    readAt: null,
    failed: null,
  };
}
