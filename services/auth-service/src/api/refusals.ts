import { unreachable } from '@wisp/protocol';
import { refuse, type Refusal } from '@wisp/service-kit';
import type { RateLimited } from '../domain/attempts.js';
import type { SecretVerdict } from '../domain/check-secret.js';
import type { DeviceListRefusal } from '../domain/device-list.js';

/** The hashers are busy; a place is free after about this many seconds. */
const OVERLOADED_RETRY_SECONDS = 2;

export function refuseRate({ retryAfterMs }: RateLimited): Refusal<'rate-limited'> {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return refuse('rate-limited', {
    retryAfter: seconds,
    detail: `Next try in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  });
}

export function refuseOverloaded(): Refusal<'overloaded'> {
  return refuse('overloaded', { retryAfter: OVERLOADED_RETRY_SECONDS });
}

export function refuseSecret(
  verdict: Exclude<SecretVerdict, { kind: 'right' }>,
): Refusal<'wrong-credentials' | 'overloaded' | 'rate-limited'> {
  switch (verdict.kind) {
    case 'wrong-credentials':
      return refuse('wrong-credentials');
    case 'overloaded':
      return refuseOverloaded();
    case 'rate-limited':
      return refuseRate(verdict);
    default:
      return unreachable(verdict);
  }
}

export function refuseDeviceList(reason: DeviceListRefusal | 'device-taken'): Refusal<'malformed'> {
  return refuse('malformed', { field: 'deviceList', reason });
}

export function refuseVault(): Refusal<'malformed'> {
  return refuse('malformed', { field: 'vault' });
}
