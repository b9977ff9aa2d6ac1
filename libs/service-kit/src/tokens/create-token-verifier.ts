import { tokenClaims, type ServerId, type TokenClaims } from '@wisp/protocol';
import jwt from 'jsonwebtoken';
import type { KeyObject } from 'node:crypto';
import type { RevocationList } from './create-revocation-list.js';
import { createSigningKeys, type JwksSource } from './signing-keys.js';

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: TokenClaims }
  /** Forged, expired, of another server, or no token at all. Which one is nobody's business. */
  | { readonly kind: 'invalid' }
  | { readonly kind: 'revoked' }
  /** The keys aren't known and can't be asked for. */
  | { readonly kind: 'unavailable' };

export interface TokenVerifier {
  /** Judges an access token (JWT, RFC 7519, ES256). Never throws. */
  verify(token: string): Promise<TokenVerdict>;
}

export interface TokenVerifierOptions {
  readonly issuer: ServerId;
  readonly keys: JwksSource;
  readonly revocations: Pick<RevocationList, 'isRevoked'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const MAX_LIFETIME_SECONDS = 15 * 60;
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 2_048;

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { issuer, revocations, now = Date.now } = options;
  const signingKeys = createSigningKeys(options.keys, now);

  function readClaims(token: string, key: KeyObject): TokenClaims | undefined {
    try {
      const payload = jwt.verify(token, key, {
        algorithms: ['ES256'],
        issuer,
        audience: 'wisp',
        clockTimestamp: Math.floor(now() / 1_000),
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      const claims = tokenClaims.safeParse(payload);
      if (!claims.success) return undefined;
      const { exp, iat } = claims.data;
      return exp - iat <= MAX_LIFETIME_SECONDS ? claims.data : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    async verify(token) {
      const kid = kidOf(token);
      if (kid === undefined) return { kind: 'invalid' };
      const found = await signingKeys.find(kid);
      if (found.kind === 'unavailable') return { kind: 'unavailable' };
      if (found.kind === 'unknown') return { kind: 'invalid' };
      const claims = readClaims(token, found.key);
      if (claims === undefined) return { kind: 'invalid' };
      return revocations.isRevoked(claims) ? { kind: 'revoked' } : { kind: 'valid', claims };
    },
  };
}

function kidOf(token: string): string | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  try {
    const decoded = jwt.decode(token, { complete: true });
    if (decoded?.header.alg !== 'ES256') return undefined;
    return typeof decoded.header.kid === 'string' ? decoded.header.kid : undefined;
  } catch {
    return undefined;
  }
}
