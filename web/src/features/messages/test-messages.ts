import type { MessageContent, MessageKey, MessageView } from '@wisp/client';
import type { ConversationId, MessageId, UserId } from '@wisp/protocol';

export const here = '0192f000-0000-7000-8000-000000000001' as ConversationId;
export const ada = `A${'a'.repeat(41)}A` as UserId;
export const bo = `B${'b'.repeat(41)}A` as UserId;

const NOON = new Date(2026, 10, 24, 12, 0, 0).getTime();

/** A moment on one day: minutes after noon. */
export function minute(minutes: number): number {
  return NOON + minutes * 60_000;
}

/** A message as the engine would show it to Ada. */
export function message(n: number, part: Partial<MessageView> = {}): MessageView {
  const author = part.author ?? bo;
  const messageId = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as MessageId;
  return {
    key: `${author}:${messageId}` as MessageKey,
    conversation: here,
    messageId,
    author,
    own: author === ada,
    content: text(`message ${n}`),
    state: author === ada ? { kind: 'sent' } : null,
    clock: { kind: 'none' },
    order: n,
    at: minute(n),
    ...part,
  };
}

export function text(words: string): MessageContent {
  return { kind: 'text', text: words, quote: null, edited: false };
}
