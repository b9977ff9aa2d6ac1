import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';

const ITERATIONS = 5200;
const VERSION = Uint8Array.of(0, 0);
const CHUNKS = 6;
const CHUNK_BYTES = 5;

/**
 * 30 digits of one person, as Signal's numeric fingerprint makes them (libsignal `fingerprint.rs`, version 0):
 * 5200 rounds of SHA-512 over version, key and stable identifier, the key hashed in again in each round.
 */
export function fingerprintDigits(key: Uint8Array, identifier: Uint8Array): string {
  let hash: Uint8Array = concatBytes(VERSION, key, identifier);
  for (let round = 0; round < ITERATIONS; round += 1) hash = sha512(concatBytes(hash, key));
  return Array.from({ length: CHUNKS }, (_, chunk) => digits(hash, chunk * CHUNK_BYTES)).join('');
}

/** Five bytes, big-endian, modulo 100,000. */
function digits(hash: Uint8Array, start: number): string {
  const value = hash.subarray(start, start + CHUNK_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  return String(value % 100_000).padStart(5, '0');
}
