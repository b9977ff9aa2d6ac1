import { userIdToBytes, type IdentityKey } from '@wisp/protocol';
import { identityKeyBytes, userIdOf } from '../identity/user-id.js';
import { fingerprintDigits } from './fingerprint-digits.js';

/**
 * 60 digits, the same for both people: the 30 digits of each one's full identity key, the lower half first.
 * The stable identifier is the user id. Takes some ten milliseconds.
 */
export function safetyNumber(own: IdentityKey, peer: IdentityKey): string {
  return [halfOf(own), halfOf(peer)].sort().join('');
}

function halfOf(identityKey: IdentityKey): string {
  return fingerprintDigits(identityKeyBytes(identityKey), userIdToBytes(userIdOf(identityKey)));
}
