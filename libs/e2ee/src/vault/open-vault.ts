import {
  equalBytes,
  vault,
  vaultRoot,
  type SealedSlot,
  type UserId,
  type Vault,
  type VaultKdf,
  type VaultSlot,
} from '@wisp/protocol';
import { decodeOrNull, refused, type Refused } from '../identity/refused.js';
import { signingKeyFromSeed } from '../identity/ed25519.js';
import { userIdOf } from '../identity/user-id.js';
import { loadSodium } from '../sodium/load-sodium.js';
import { openInVault } from './boxes.js';
import { refuseKdf, type KdfRefusal } from './kdf.js';
import { openKeepBox } from './open-keep.js';
import type { VaultContent } from './seal-vault.js';
import { slotCommitment, type SlotKeys } from './stretch-secret.js';

export interface OpenVaultInput {
  userId: UserId;
  slot: VaultSlot;
  keys: SlotKeys;
  /** The highest vault version that this device or a device list has named; 1 when nothing is known. */
  atLeastVersion: number;
  /** The highest `keep` version that this device has seen, if any. */
  atLeastKeepVersion?: number;
}

export type VaultRefusal =
  | KdfRefusal
  | 'malformed'
  /** Older than what device list or device remember: a secret that was replaced would open it. */
  | 'old-vault'
  | 'old-keep'
  /** The slot was sealed under other parameters than the secret was stretched with. */
  | 'kdf-mismatch'
  /** The slot was sealed with another secret. */
  | 'wrong-secret'
  /** A box that its key doesn't open: of another user, place or version, or forged. */
  | 'damaged'
  /** It opens, but holds the identity of somebody else. */
  | 'other-identity';

export type VaultVerdict = { readonly kind: 'ok'; readonly content: VaultContent } | Refused<VaultRefusal>;

/** Opens a vault that a server has handed out, with the keys of one of its two secrets (protocol §2). */
export async function openVault(bytes: Uint8Array, input: OpenVaultInput): Promise<VaultVerdict> {
  const decoded = decodeOrNull(vault, bytes);
  if (decoded === null) return refused('malformed');
  for (const slot of decoded.slots) {
    const weak = refuseKdf(slot.kdf);
    if (weak !== null) return weak;
  }
  if (decoded.version < input.atLeastVersion) return refused('old-vault');
  const slot = decoded.slots.find((each) => each.kind === input.slot);
  if (slot === undefined) return refused('malformed');
  if (!sameKdf(slot.kdf, input.keys.kdf)) return refused('kdf-mismatch');
  return openSlot(decoded, slot, input);
}

async function openSlot(decoded: Vault, slot: SealedSlot, input: OpenVaultInput): Promise<VaultVerdict> {
  const sodium = await loadSodium();
  const { userId, keys } = input;
  const { version } = decoded;
  // Before the box: under an AEAD that doesn't commit to its key, one box could open under many (RFC 9771: key commitment).
  if (!sodium.memcmp(slot.commit, slotCommitment(keys.slotKey))) return refused('wrong-secret');
  const rootKey = await openInVault(keys.slotKey, { userId, place: slot.kind, version }, slot);
  if (rootKey === null) return refused('damaged');
  const rootText = await openInVault(rootKey, { userId, place: 'root', version }, decoded.root);
  sodium.memzero(rootKey);
  const root = rootText === null ? null : decodeOrNull(vaultRoot, rootText);
  if (root === null) return refused('damaged');
  const { publicKey } = await signingKeyFromSeed(root.identitySeed);
  if (userIdOf({ alg: 'ed25519', key: publicKey }) !== userId) return refused('other-identity');
  const keep = await openKeepBox(decoded.keep, {
    userId,
    keepKey: root.keepKey,
    atLeastVersion: input.atLeastKeepVersion ?? 1,
  });
  if (keep.kind === 'refused') return keep;
  return { kind: 'ok', content: { version, ...root, keep: keep.keep } };
}

/** There is one algorithm. */
function sameKdf(a: VaultKdf, b: VaultKdf): boolean {
  return a.m === b.m && a.t === b.t && a.p === b.p && equalBytes(a.salt, b.salt);
}
