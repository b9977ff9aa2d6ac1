import type { TokenVerifier } from '@wisp/service-kit';
import type { Sessions } from '../domain/session.js';

/** Beyond the token: auth-service knows whether its session lives, so nothing can be missed or late. */
export function verifyLiveSession(verifier: TokenVerifier, sessions: Sessions): TokenVerifier {
  return {
    async verify(token) {
      const verdict = await verifier.verify(token);
      if (verdict.kind !== 'valid') return verdict;
      const { sub: userId, sid: sessionId } = verdict.claims;
      return (await sessions.isAlive({ userId, sessionId })) ? verdict : { kind: 'revoked' };
    },
  };
}
