import { getConversation } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { ConversationReader } from '../domain/ports.js';
import { answerSummary } from './answer-summary.js';

export function getConversationRoute({ reader }: { reader: ConversationReader }): Route {
  return route(getConversation, async ({ caller, params }) => {
    const summary = await reader.find(params.id, caller.user);
    return summary === null ? refuse('forbidden') : answerSummary(summary);
  });
}
