import type { getConversation, ResponseOf } from '@wisp/protocol';
import type { ConversationSummary } from '../domain/ports.js';

export function answerSummary(summary: ConversationSummary): ResponseOf<typeof getConversation> {
  return { ...summary, users: [...summary.users] };
}
