import { endSession } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import type { Sessions } from '../domain/session.js';
import { clearRefreshCookie, type CookieSettings } from './refresh-cookie.js';

export interface EndSessionParts {
  sessions: Sessions;
  announcer: Announcer;
  cookies: CookieSettings;
}

export function endSessionRoute({ sessions, announcer, cookies }: EndSessionParts): Route {
  return route(endSession, async ({ caller, params, response }) => {
    const revoked = await sessions.end(caller.user, params.id);
    if (revoked === null) return refuse('not-found');
    await announcer.revoked(revoked);
    if (params.id === caller.session) clearRefreshCookie(response, cookies);
    return undefined;
  });
}
