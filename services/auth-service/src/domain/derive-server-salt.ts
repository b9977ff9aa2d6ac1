import { createHmac } from 'node:crypto';
import type { Username } from '@wisp/protocol';

/** HMAC-SHA256 of the name: known and unknown names look alike, and nobody can compute one ahead (protocol §2). */
export function deriveServerSalt(saltKey: Uint8Array, username: Username): Uint8Array {
  return createHmac('sha256', saltKey).update(username).digest();
}
