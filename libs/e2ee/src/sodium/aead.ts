import type { SealedBox } from '@wisp/protocol';
import { loadSodium } from './load-sodium.js';

export const AEAD_KEY_BYTES = 32;
export const AEAD_NONCE_BYTES = 24;
export const AEAD_TAG_BYTES = 16;

export interface AeadInput {
  /** 32 bytes. */
  key: Uint8Array;
  associatedData: Uint8Array;
}

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a random nonce: 24 bytes are enough for any number of boxes. */
export async function sealBox({ key, associatedData }: AeadInput, plaintext: Uint8Array): Promise<SealedBox> {
  const sodium = await loadSodium();
  const nonce = sodium.randombytes_buf(AEAD_NONCE_BYTES);
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associatedData, null, nonce, key);
  return { nonce, box };
}

/** The plaintext, or null when key, associated data or box are not those of `sealBox`. */
export async function openBox(
  { key, associatedData }: AeadInput,
  { nonce, box }: SealedBox,
): Promise<Uint8Array | null> {
  const sodium = await loadSodium();
  if (nonce.length !== AEAD_NONCE_BYTES || box.length < AEAD_TAG_BYTES) return null;
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, box, associatedData, nonce, key);
  } catch (error) {
    // libsodium throws a bare Error for a forged box; a key of a wrong length is a TypeError and a fault.
    if (error instanceof TypeError) throw error;
    return null;
  }
}
