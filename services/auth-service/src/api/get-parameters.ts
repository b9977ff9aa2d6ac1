import {
  encodeBase64url,
  getParameters,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type ServerId,
} from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { Attempts } from '../domain/attempts.js';
import { deriveServerSalt } from '../domain/derive-server-salt.js';
import { refuseRate } from './refusals.js';

/** 128 MiB, three passes, one lane (protocol §2). */
const KDF = { alg: 'argon2id13', m: 128 * 1024, t: 3, p: 1 } as const;

export interface ParameterParts {
  serverId: ServerId;
  saltKey: Uint8Array;
  lookups: Attempts;
}

export function getParametersRoute({ serverId, saltKey, lookups }: ParameterParts): Route {
  return route(getParameters, async ({ query, address }) => {
    const allowed = await lookups.take(address);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    return {
      serverId,
      serverSalt: encodeBase64url(deriveServerSalt(saltKey, query.username)),
      kdf: KDF,
      protocol: { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION },
    };
  });
}
