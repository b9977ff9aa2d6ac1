import { listSessions } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { Sessions } from '../domain/session.js';

export function listSessionsRoute({ sessions }: { sessions: Sessions }): Route {
  return route(listSessions, async ({ caller }) => ({
    sessions: (await sessions.list(caller.user)).map(({ deviceId, ...rest }) => ({
      ...rest,
      ...(deviceId && { deviceId }),
    })),
  }));
}
