import type { Bus } from '@wisp/bus';
import { subjects, type Revocation, type ServerId } from '@wisp/protocol';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { Person } from './messages.js';

/** What a gateway hears from auth-service and group-service: keys of tokens, revocations, what waits. */
export interface TestAuth {
  readonly serverId: ServerId;
  /** What was revoked before a gateway starts. */
  readonly revoked: Revocation[];
  /** An access token as auth-service issues it (JWT, ES256). */
  token(person: Person, claims?: Record<string, unknown>): string;
}

export function startTestAuth(bus: Bus): TestAuth {
  const serverId = randomUUID() as ServerId;
  const revoked: Revocation[] = [];
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const key = { kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid: 'test', x, y } as const;
  const queue = 'auth-service';
  bus.handle(subjects.getJwks(), { queue }, () => ({ keys: [key] }));
  bus.handle(subjects.listRevocations(), { queue }, () => ({ revocations: revoked }));
  bus.handle(subjects.countKeyPackages(), { queue }, () => ({ count: 7 }));
  bus.handle(subjects.countWelcomes(), { queue: 'group-service' }, () => ({ count: 2 }));
  return {
    serverId,
    revoked,
    token({ user, device, session }, claims = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const payload = {
        sub: user,
        dev: device,
        sid: session,
        iss: serverId,
        aud: 'wisp',
        iat,
        exp: iat + 600,
        ...claims,
      };
      const text = `${part({ alg: 'ES256', typ: 'JWT', kid: 'test' })}.${part(payload)}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}
