import { vault, vaultKeep, type SealedBox, type UserId, type VaultKeep } from '@wisp/protocol';
import { decodeOrNull, refused, type Refused } from '../identity/refused.js';
import { KEEP_CONTEXT_VERSION, openInVault } from './boxes.js';

export interface OpenKeepInput {
  userId: UserId;
  /** 32 bytes, from the device's store. */
  keepKey: Uint8Array;
  /** The highest `keep` version that this device has seen; 1 when none. */
  atLeastVersion: number;
}

export type KeepRefusal = 'malformed' | 'damaged' | 'old-keep';

export type KeepVerdict = { readonly kind: 'ok'; readonly keep: VaultKeep } | Refused<KeepRefusal>;

/** Opens only `keep`, as any device may at any time. */
export async function openKeep(vaultBytes: Uint8Array, input: OpenKeepInput): Promise<KeepVerdict> {
  const decoded = decodeOrNull(vault, vaultBytes);
  return decoded === null ? refused('malformed') : openKeepBox(decoded.keep, input);
}

export async function openKeepBox(
  box: SealedBox,
  { userId, keepKey, atLeastVersion }: OpenKeepInput,
): Promise<{ readonly kind: 'ok'; readonly keep: VaultKeep } | Refused<'damaged' | 'old-keep'>> {
  const text = await openInVault(keepKey, { userId, place: 'keep', version: KEEP_CONTEXT_VERSION }, box);
  const keep = text === null ? null : decodeOrNull(vaultKeep, text);
  if (keep === null) return refused('damaged');
  return keep.version < atLeastVersion ? refused('old-keep') : { kind: 'ok', keep };
}
