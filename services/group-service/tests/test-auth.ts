import type { Bus } from '@wisp/bus';
import { encodeBase64url, subjects, type DeviceId, type UserId } from '@wisp/protocol';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { keyPackageRef } from './commits.js';
import { firstDevice, listHash, SERVER, type Person } from './people.js';

/** What group-service hears from auth-service: keys of tokens, device lists, claims. */
export interface TestAuth {
  add(...people: Person[]): void;
  /** KeyPackages of these devices were never claimed. */
  readonly unclaimed: Set<DeviceId>;
  /** While true it doesn't answer. */
  isAway: boolean;
  token(person: Person, options?: { device?: DeviceId | null; expired?: boolean }): string;
}

export function startTestAuth(bus: Bus): TestAuth {
  const people = new Map<UserId, Person>();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const auth: TestAuth = {
    add: (...some) => some.forEach((person) => people.set(person.user, person)),
    unclaimed: new Set(),
    isAway: false,
    token(person, { device = firstDevice(person).id, expired = false } = {}) {
      const iat = Math.floor(Date.now() / 1_000) - (expired ? 3_600 : 0);
      const claims = { sub: person.user, sid: randomUUID(), iss: SERVER, aud: 'wisp', iat, exp: iat + 600 };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${part({ alg: 'ES256', typ: 'JWT', kid: 'test' })}.${part(
        device === null ? claims : { ...claims, dev: device },
      )}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
  const queue = 'auth-service';
  const key = { kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid: 'test', x, y } as const;
  bus.handle(subjects.getJwks(), { queue }, () => ({ keys: [key] }));
  bus.handle(subjects.listRevocations(), { queue }, () => ({ revocations: [] }));
  bus.handle(subjects.getDeviceLists(), { queue }, ({ users }) => {
    if (auth.isAway) throw new Error('away');
    return {
      lists: users
        .flatMap((user) => people.get(user) ?? [])
        .map((person) => ({
          user: person.user,
          deleted: person.deleted,
          version: person.version,
          hash: listHash(person),
          devices: person.devices.map(({ id, publicKey: signatureKey }) => ({
            device: id,
            signatureKey: encodeBase64url(signatureKey),
          })),
        })),
    };
  });
  bus.handle(subjects.checkClaims(), { queue }, ({ packages }) => {
    if (auth.isAway) throw new Error('away');
    return {
      claimed: packages.map(
        ({ device, ref }) => !auth.unclaimed.has(device) && ref === encodeBase64url(keyPackageRef(device)),
      ),
    };
  });
  return auth;
}
