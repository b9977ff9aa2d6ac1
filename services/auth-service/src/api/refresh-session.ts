import { refreshSession as operation } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import type { Attempts } from '../domain/attempts.js';
import { refreshSession } from '../domain/refresh-session.js';
import type { Sessions } from '../domain/session.js';
import { answerSession, type SessionAnswerParts } from './answer-session.js';
import { readRefreshCookie } from './refresh-cookie.js';
import { refuseRate } from './refusals.js';

export interface RefreshSessionParts {
  sessions: Sessions;
  answers: SessionAnswerParts;
  announcer: Announcer;
  refreshes: Attempts;
}

export function refreshSessionRoute({ sessions, answers, announcer, refreshes }: RefreshSessionParts): Route {
  return route(operation, async ({ request, response, address }) => {
    const cookie = readRefreshCookie(request);
    if (cookie === null) return refuse('session-ended');
    const allowed = await refreshes.take(address);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    const { refreshTokens } = answers;
    const outcome = await refreshSession({ sessions, refreshTokens }, cookie);
    if (outcome.kind === 'refreshed') return answerSession(answers, outcome, response);
    await announcer.revoked(outcome.revoked);
    // The cookie stays: another tab may have signed in anew meanwhile, and this answer would take its cookie away.
    return refuse('session-ended');
  });
}
