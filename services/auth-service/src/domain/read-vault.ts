import { CborRefusal, vault, type Vault } from '@wisp/protocol';
import type { SealedVault } from './account.js';

/** Null: these bytes are no vault. The server sees its outside only. */
export function readVault(bytes: Uint8Array): (SealedVault & { content: Vault }) | null {
  try {
    const content = vault.decode(bytes);
    return { version: content.version, bytes, content };
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw error;
  }
}
