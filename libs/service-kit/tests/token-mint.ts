import { deviceId, serverId, sessionId, userId, type TokenClaims } from '@wisp/protocol';
import jwt from 'jsonwebtoken';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Jwks } from '@wisp/service-kit';

export const SERVER = serverId.parse('00000000-0000-4000-8000-000000000001');
export const ALICE = userId.parse('A'.repeat(43));
export const BOB = userId.parse('B'.repeat(42) + 'A');
export const SESSION = sessionId.parse('00000000-0000-4000-8000-00000000000a');
export const OTHER_SESSION = sessionId.parse('00000000-0000-4000-8000-00000000000b');
export const DEVICE = deviceId.parse('00000000-0000-4000-8000-0000000000d1');

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Jwks['keys'][number];
}

export function makeSigningKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { kid, privateKey, jwk: { kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid, x, y } };
}

export function claimsAt(ms: number, changes: Partial<Record<keyof TokenClaims, unknown>> = {}) {
  const iat = Math.floor(ms / 1_000);
  return { sub: ALICE, dev: DEVICE, sid: SESSION, iss: SERVER, aud: 'wisp', iat, exp: iat + 600, ...changes };
}

export function sign(key: SigningKey, claims: object): string {
  const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  return jwt.sign(defined, key.privateKey, { algorithm: 'ES256', keyid: key.kid });
}
