import { encodeBase64url, listRequests } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { RequestStore } from '../domain/ports.js';

export function listRequestsRoute({ requests }: { requests: RequestStore }): Route {
  return route(listRequests, async ({ caller }) => {
    const open = await requests.listFor(caller.user);
    return {
      requests: open.map(({ conversation, kind, caller: { user }, statement, at }) => ({
        conversation,
        kind,
        userId: user,
        statement: encodeBase64url(statement),
        at,
      })),
    };
  });
}
