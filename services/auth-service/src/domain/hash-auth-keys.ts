import { decodeBase64url } from '@wisp/protocol';
import type { AuthKeyHashes } from './account.js';
import type { AuthKeyHasher } from './auth-key-hasher.js';

/** Hashes both slots' keys (base64url), one after the other: they share the cores with everybody's sign-ins. */
export async function hashAuthKeys(
  hasher: AuthKeyHasher,
  authKeys: { password: string; recovery: string },
): Promise<{ kind: 'hashed'; hashes: AuthKeyHashes } | { kind: 'overloaded' }> {
  const password = await hasher.hash(decodeBase64url(authKeys.password));
  if (password.kind === 'overloaded') return password;
  const recovery = await hasher.hash(decodeBase64url(authKeys.recovery));
  if (recovery.kind === 'overloaded') return recovery;
  return { kind: 'hashed', hashes: { password: password.hash, recovery: recovery.hash } };
}
