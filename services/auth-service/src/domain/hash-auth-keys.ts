import type { VaultSlot } from '@wisp/protocol';
import type { AuthKeyHashes } from './account.js';
import type { AuthKeyHasher } from './auth-key-hasher.js';

export type AuthKeys = Record<VaultSlot, Uint8Array>;

/** Hashes both slots' keys, one after the other: they share the cores with everybody's sign-ins. */
export async function hashAuthKeys(
  hasher: AuthKeyHasher,
  authKeys: AuthKeys,
): Promise<{ kind: 'hashed'; hashes: AuthKeyHashes } | { kind: 'overloaded' }> {
  const password = await hasher.hash(authKeys.password);
  if (password.kind === 'overloaded') return password;
  const recovery = await hasher.hash(authKeys.recovery);
  if (recovery.kind === 'overloaded') return recovery;
  return { kind: 'hashed', hashes: { password: password.hash, recovery: recovery.hash } };
}
