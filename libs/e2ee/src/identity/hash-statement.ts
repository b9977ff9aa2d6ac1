import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 of a statement's whole encoding (protocol §1): what `prev`, `listHash` and pins hold. */
export function hashStatement(statement: Uint8Array): Uint8Array {
  return sha256(statement);
}
