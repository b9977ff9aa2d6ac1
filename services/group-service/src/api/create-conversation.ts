import { createConversation } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import { acceptCommitRequest, type CommitRouteParts } from './accept-commit.js';

export function createConversationRoute(parts: CommitRouteParts): Route {
  return route(createConversation, ({ caller, body }) =>
    acceptCommitRequest(parts, {
      caller,
      conversation: body.conversation,
      target: { opens: 'create', kind: body.kind },
      body,
      problems: createConversation.problems,
    }),
  );
}
