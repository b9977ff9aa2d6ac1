import { vaultBoxContext, type SealedBox, type VaultBoxContext } from '@wisp/protocol';
import { openBox, sealBox } from '../sodium/aead.js';

/** Seals for one user, place and version: the box opens nowhere else. */
export async function sealInVault(
  key: Uint8Array,
  context: VaultBoxContext,
  plaintext: Uint8Array,
): Promise<SealedBox> {
  return sealBox({ key, associatedData: vaultBoxContext.encode(context) }, plaintext);
}

export async function openInVault(
  key: Uint8Array,
  context: VaultBoxContext,
  { nonce, box }: SealedBox,
): Promise<Uint8Array | null> {
  return openBox({ key, associatedData: vaultBoxContext.encode(context) }, { nonce, box });
}

/** `keep` outlives the vault's versions. */
export const KEEP_CONTEXT_VERSION = 0;
