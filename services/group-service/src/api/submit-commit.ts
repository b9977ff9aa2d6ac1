import { submitCommit } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import { acceptCommitRequest, type CommitRouteParts } from './accept-commit.js';

export function submitCommitRoute(parts: CommitRouteParts): Route {
  return route(submitCommit, ({ caller, params, body }) =>
    acceptCommitRequest(parts, {
      caller,
      conversation: params.id,
      target: { opens: undefined },
      body,
      problems: submitCommit.problems,
    }),
  );
}
