import type { Self } from '../account/account.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { orderOfWaiting } from './keys.js';
import type { MessageRecord } from './records.js';

/** How a text in the outbox stands on the timeline; null: what waits there isn't shown. */
export function waitingMessage(
  self: Pick<Self, 'userId' | 'deviceId'>,
  { number, record }: NumberedOutboxRecord,
): MessageRecord | null {
  const { say, messageId, timer, enteredAt } = record;
  if (say.type !== 'text') return null;
  return {
    author: self.userId,
    device: self.deviceId,
    messageId,
    own: true,
    order: orderOfWaiting(number),
    seq: null,
    content: { kind: 'text', text: say.text, quote: say.quote, edited: false, accepted: null },
    hash: null,
    timer,
    sentAt: enteredAt,
    acceptedAt: null,
    expiresAt: null,
    receivedAt: enteredAt,
    seenAt: null,
    deadline: null,
    readAt: null,
    failed: null,
  };
}
