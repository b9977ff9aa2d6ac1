import { equalBytes, type IdentityKey } from '@wisp/protocol';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { identityKeyBytes } from '../identity/user-id.js';

const MAGIC = utf8ToBytes('wisp');
const VERSION = 1;
const KEY_BYTES = 33;

const CODE_BYTES = MAGIC.length + 1 + 2 * KEY_BYTES;

/** The bytes of the QR code: "wisp", version, the shower's identity key, then the other one's; 71 bytes. */
export function safetyCode(own: IdentityKey, peer: IdentityKey): Uint8Array {
  return concatBytes(MAGIC, Uint8Array.of(VERSION), identityKeyBytes(own), identityKeyBytes(peer));
}

export type SafetyCodeVerdict =
  | 'match'
  /** Either side knows another key than the other one has: somebody stands between. */
  | 'mismatch'
  | 'not-a-safety-code'
  | 'other-version';

/** Compares a scanned code with the keys that this device knows: there, own and peer stand the other way round. */
export function checkSafetyCode(
  scanned: Uint8Array,
  { own, peer }: { own: IdentityKey; peer: IdentityKey },
): SafetyCodeVerdict {
  if (!equalBytes(scanned.subarray(0, MAGIC.length), MAGIC)) return 'not-a-safety-code';
  if (scanned[MAGIC.length] !== VERSION) return 'other-version';
  if (scanned.length !== CODE_BYTES) return 'not-a-safety-code';
  return equalBytes(scanned, safetyCode(peer, own)) ? 'match' : 'mismatch';
}
