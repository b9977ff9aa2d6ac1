import { vault, type UserId, type VaultKeep } from '@wisp/protocol';
import { decodeOrNull, refused } from '../identity/refused.js';
import { openKeepBox, type KeepVerdict } from './open-keep.js';
import { sealKeep } from './seal-vault.js';

export interface WriteKeepInput {
  userId: UserId;
  keepKey: Uint8Array;
  atLeastVersion: number;
  /** The new content, from what stands there now; its version is set here, one above the present one. */
  change: (present: VaultKeep) => Omit<VaultKeep, 'version'>;
}

export type WriteKeepOutcome =
  | { readonly kind: 'ok'; readonly vault: Uint8Array; readonly keep: VaultKeep }
  | Exclude<KeepVerdict, { kind: 'ok' }>;

/** Replaces `keep` in the newest vault and leaves its slots, root and version as they are (protocol §2). */
export async function writeKeep(vaultBytes: Uint8Array, input: WriteKeepInput): Promise<WriteKeepOutcome> {
  const decoded = decodeOrNull(vault, vaultBytes);
  if (decoded === null) return refused('malformed');
  const present = await openKeepBox(decoded.keep, input);
  if (present.kind === 'refused') return present;
  const keep: VaultKeep = { ...input.change(present.keep), version: present.keep.version + 1 };
  const sealed = await sealKeep(input.keepKey, input.userId, keep);
  return { kind: 'ok', vault: vault.encode({ ...decoded, keep: sealed }), keep };
}
