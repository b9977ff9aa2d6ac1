import { listConversations } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { ConversationReader } from '../domain/ports.js';
import { answerSummary } from './answer-summary.js';

export function listConversationsRoute({ reader }: { reader: ConversationReader }): Route {
  return route(listConversations, async ({ caller }) => {
    const conversations = await reader.listFor(caller.user);
    return { conversations: conversations.map(answerSummary) };
  });
}
