import { equalBytes, vault as vaultStructure, type UserId } from '@wisp/protocol';
import type { Vaults } from './account.js';
import { readVault } from './read-vault.js';

export type WriteKeepOutcome =
  | { kind: 'stored'; etag: string }
  | { kind: 'stale' }
  /** It isn't a vault, or differs from the stored one beyond `keep`. */
  | { kind: 'bad-vault' };

/** Replaces the vault's `keep` and nothing else: slots and root come with a fresh proof only. */
export async function writeKeep(
  { vaults }: { vaults: Vaults },
  { userId, etag, bytes }: { userId: UserId; etag: string; bytes: Uint8Array },
): Promise<WriteKeepOutcome> {
  const offered = readVault(bytes);
  if (offered === null) return { kind: 'bad-vault' };
  const stored = await vaults.get(userId);
  if (stored?.etag !== etag) return { kind: 'stale' };
  const before = readVault(stored.bytes);
  if (before === null) throw new Error('a stored vault is damaged');
  // The encoding is deterministic: with the old `keep` put back, nothing may differ.
  const withOldKeep = vaultStructure.encode({ ...offered.content, keep: before.content.keep });
  if (!equalBytes(withOldKeep, stored.bytes)) return { kind: 'bad-vault' };
  return vaults.replace(userId, { etag, bytes });
}
