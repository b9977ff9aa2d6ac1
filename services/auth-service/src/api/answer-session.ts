import type { SessionAnswer } from '@wisp/protocol';
import type { Response } from 'express';
import { issueAccessToken, type AccessTokenParts } from '../domain/access-token.js';
import type { RefreshToken, RefreshTokens } from '../domain/refresh-token.js';
import type { OpenedSession } from '../domain/session.js';
import { setRefreshCookie, type CookieSettings } from './refresh-cookie.js';

export interface SessionAnswerParts {
  accessTokens: AccessTokenParts;
  refreshTokens: RefreshTokens;
  cookies: CookieSettings;
  /** Where Socket.IO is served. */
  realtimeUrl: string;
}

/** The one form of answer of registration, sign-in and refresh. */
export async function answerSession(
  { accessTokens, refreshTokens, cookies, realtimeUrl }: SessionAnswerParts,
  { session, refresh }: { session: OpenedSession; refresh: RefreshToken },
  response: Response,
): Promise<SessionAnswer> {
  const { token, expiresAt } = await issueAccessToken(accessTokens, session);
  setRefreshCookie(response, cookies, refreshTokens.write(refresh));
  const { sessionId, userId, username, deviceId, at } = session;
  return {
    token,
    expiresAt,
    time: at,
    sessionId,
    userId,
    username,
    ...(deviceId && { deviceId }),
    realtimeUrl,
  };
}
