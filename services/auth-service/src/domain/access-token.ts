import jwt from 'jsonwebtoken';
import type { ServerId, TokenClaims } from '@wisp/protocol';
import type { SigningKeys } from './signing-keys.js';
import type { OpenedSession } from './session.js';

export interface AccessToken {
  token: string;
  /** ms. */
  expiresAt: number;
}

export interface AccessTokenParts {
  signingKeys: SigningKeys;
  serverId: ServerId;
  /** Seconds, at most 900. */
  lifetime: number;
}

/** A JWT (RFC 7519) by ES256, bound to its session and device; it begins at the database's time. */
export async function issueAccessToken(
  { signingKeys, serverId, lifetime }: AccessTokenParts,
  session: OpenedSession,
): Promise<AccessToken> {
  const { kid, privateKey } = await signingKeys.current();
  const iat = Math.floor(session.at / 1000);
  const claims: TokenClaims = {
    sub: session.userId,
    sid: session.sessionId,
    iss: serverId,
    aud: 'wisp',
    iat,
    exp: iat + lifetime,
    ...(session.deviceId && { dev: session.deviceId }),
  };
  return {
    token: jwt.sign(claims, privateKey, { algorithm: 'ES256', keyid: kid }),
    expiresAt: claims.exp * 1000,
  };
}
