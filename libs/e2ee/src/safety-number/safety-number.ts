import type { IdentityKey } from '@wisp/protocol';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { userIdToBytes } from '@wisp/protocol';
import { identityKeyBytes, userIdOf } from '../identity/user-id.js';

const ITERATIONS = 5200;
const VERSION = Uint8Array.of(0, 0);
const CHUNKS = 6;
const CHUNK_BYTES = 5;

/**
 * 60 digits, the same for both people: each one's 30 digits by Signal's numeric fingerprint (libsignal
 * `fingerprint.rs`, version 0: 5200 rounds of SHA-512 over version, key and user id), the lower half first.
 */
export function safetyNumber(own: IdentityKey, peer: IdentityKey): string {
  return [halfOf(own), halfOf(peer)].sort().join('');
}

function halfOf(identityKey: IdentityKey): string {
  const key = identityKeyBytes(identityKey);
  let hash: Uint8Array = concatBytes(VERSION, key, userIdToBytes(userIdOf(identityKey)));
  for (let round = 0; round < ITERATIONS; round += 1) hash = sha512(concatBytes(hash, key));
  return Array.from({ length: CHUNKS }, (_, chunk) => digits(hash, chunk * CHUNK_BYTES)).join('');
}

/** Five bytes, big-endian, modulo 100,000. */
function digits(hash: Uint8Array, start: number): string {
  const value = hash.subarray(start, start + CHUNK_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(value % 100_000).padStart(5, '0');
}
