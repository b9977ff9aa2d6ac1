import type { ServerId, SessionId } from '@wisp/protocol';
import { createTokenVerifier, type Jwks, type TokenVerifier } from '@wisp/service-kit';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { Person } from './messages.js';

export interface TestTokens {
  readonly verifier: TokenVerifier;
  /** An access token as auth-service issues it (JWT, ES256). */
  issue(who: Partial<Person>, claims?: Record<string, unknown>): string;
}

export function createTokens(): TestTokens {
  const issuer = randomUUID() as ServerId;
  const kid = randomUUID();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  const verifier = createTokenVerifier({
    issuer,
    keys: () => Promise.resolve({ keys: [jwk] } as unknown as Jwks),
    revocations: { isRevoked: () => false },
  });
  return {
    verifier,
    issue({ user, device }, claims = {}) {
      const iat = Math.floor(Date.now() / 1_000);
      const payload = { sub: user, dev: device, sid: randomUUID() as SessionId, iss: issuer, aud: 'wisp' };
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${part({ alg: 'ES256', typ: 'JWT', kid })}.${part({ ...payload, iat, exp: iat + 600, ...claims })}`;
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
      return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
    },
  };
}
