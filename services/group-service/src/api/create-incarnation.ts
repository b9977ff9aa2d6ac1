import { createIncarnation } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import { acceptCommitRequest, type CommitRouteParts } from './accept-commit.js';

export function createIncarnationRoute(parts: CommitRouteParts): Route {
  return route(createIncarnation, ({ caller, params, body }) =>
    acceptCommitRequest(parts, {
      caller,
      conversation: params.id,
      target: { opens: 'incarnation' },
      body,
      problems: createIncarnation.problems,
    }),
  );
}
