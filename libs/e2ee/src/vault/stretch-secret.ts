import { uuidToBytes, type KdfParameters, type ServerId, type Username, type VaultKdf } from '@wisp/protocol';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Refused } from '../identity/refused.js';
import { loadSodium } from '../sodium/load-sodium.js';
import { refuseKdf, type KdfRefusal } from './kdf.js';

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** Both keys of a slot's secret, and how they were stretched. */
export interface SlotKeys {
  readonly kdf: VaultKdf;
  /** Goes to the server, which hashes it once more. */
  readonly authKey: Uint8Array;
  /** Seals the slot; never leaves the device. */
  readonly slotKey: Uint8Array;
}

export interface SaltInput {
  /** 32 bytes that the server answers for any name. */
  serverSalt: Uint8Array;
  serverId: ServerId;
  username: Username;
}

/** The first 16 bytes of `SHA-256(serverSalt ‖ serverId ‖ username)` (protocol §2). */
export function vaultSalt({ serverSalt, serverId, username }: SaltInput): Uint8Array {
  return sha256(concatBytes(serverSalt, uuidToBytes(serverId), utf8ToBytes(username))).slice(0, SALT_BYTES);
}

export interface StretchInput extends SaltInput {
  /** A password, or the recovery key's words as `parseRecoveryKey` gives them. */
  secret: string;
  /** As the server names them; refused below the floor. */
  kdf: KdfParameters;
}

export type StretchOutcome = { readonly kind: 'ok'; readonly keys: SlotKeys } | Refused<KdfRefusal>;

/**
 * Argon2id v1.3 (RFC 9106), then HKDF-SHA-256 (RFC 5869) to the auth key and the slot key. Takes about a second and
 * 128 MiB. The secret is normalised to NFC with plain spaces (RFC 8265 §4.2), so that keyboards agree.
 */
export async function stretchSecret(input: StretchInput): Promise<StretchOutcome> {
  const weak = refuseKdf(input.kdf);
  if (weak !== null) return weak;
  const sodium = await loadSodium();
  const kdf: VaultKdf = { ...input.kdf, salt: vaultSalt(input) };
  const secret = utf8ToBytes(normalise(input.secret));
  const stretched = sodium.crypto_pwhash(
    KEY_BYTES,
    secret,
    kdf.salt,
    kdf.t,
    kdf.m * 1024,
    sodium.crypto_pwhash_ALG_ARGON2ID13,
  );
  const keys: SlotKeys = {
    kdf,
    authKey: derive(stretched, 'wisp/auth-key/1'),
    slotKey: derive(stretched, 'wisp/slot-key/1'),
  };
  sodium.memzero(stretched);
  sodium.memzero(secret);
  return { kind: 'ok', keys };
}

/** `HKDF(slotKey, "wisp/commit/1")` (protocol §2): binds a box to one slot key. */
export function slotCommitment(slotKey: Uint8Array): Uint8Array {
  return derive(slotKey, 'wisp/commit/1');
}

function derive(key: Uint8Array, label: string): Uint8Array {
  return hkdf(sha256, key, undefined, utf8ToBytes(label), KEY_BYTES);
}

function normalise(secret: string): string {
  return secret.normalize('NFC').replace(/\p{Zs}/gu, ' ');
}
