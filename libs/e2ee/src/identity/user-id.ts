import { userIdFromBytes, type IdentityKey, type UserId } from '@wisp/protocol';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const algorithms = { ed25519: 1 } as const satisfies Record<IdentityKey['alg'], number>;

/** The identity key as it is hashed: one byte of algorithm, then the key. */
export function identityKeyBytes(identityKey: IdentityKey): Uint8Array {
  return concatBytes(Uint8Array.of(algorithms[identityKey.alg]), identityKey.key);
}

/** `SHA-256("wisp/user/1" ‖ alg ‖ publicKey)` (protocol §2). */
export function userIdOf(identityKey: IdentityKey): UserId {
  return userIdFromBytes(sha256(concatBytes(utf8ToBytes('wisp/user/1'), identityKeyBytes(identityKey))));
}
