import { randomUUID } from 'node:crypto';
import type { DeviceId, SessionId } from '@wisp/protocol';
import { hashRefreshSecret, type RefreshToken, type RefreshTokens } from './refresh-token.js';
import type { NewSession } from './session.js';

/** A session to be stored and the refresh token that only its holder gets. */
export function prepareSession(
  refreshTokens: RefreshTokens,
  deviceId: DeviceId | undefined,
): { session: NewSession; refresh: RefreshToken } {
  const refresh = refreshTokens.first(randomUUID() as SessionId);
  return {
    session: { sessionId: refresh.sessionId, deviceId, refreshHash: hashRefreshSecret(refresh.secret) },
    refresh,
  };
}
