import type { Revocation } from '@wisp/protocol';
import { hashRefreshSecret, judgeRefresh, type RefreshToken, type RefreshTokens } from './refresh-token.js';
import type { OpenedSession, Sessions } from './session.js';

export type RefreshOutcome =
  | { kind: 'refreshed'; session: OpenedSession; refresh: RefreshToken }
  | { kind: 'session-ended'; revoked: Revocation[] };

/** Rotates the refresh token; one that was used too long ago was copied by somebody and ends the session. */
export async function refreshSession(
  { sessions, refreshTokens }: { sessions: Sessions; refreshTokens: RefreshTokens },
  cookie: string,
): Promise<RefreshOutcome> {
  const used = refreshTokens.read(cookie);
  if (used === null) return { kind: 'session-ended', revoked: [] };
  const usedHash = hashRefreshSecret(used.secret);
  const next = refreshTokens.next(used);
  const result = await sessions.refresh(used.sessionId, {
    nextHash: hashRefreshSecret(next.secret),
    decide: (state) => judgeRefresh(usedHash, state),
  });
  switch (result.kind) {
    case 'refreshed':
      return { kind: 'refreshed', session: result.session, refresh: next };
    case 'revoked':
      return { kind: 'session-ended', revoked: result.revoked };
    case 'gone':
      return { kind: 'session-ended', revoked: [] };
  }
}
