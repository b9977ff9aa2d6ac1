import { StoreDamaged } from './store.js';

const NONCE_BYTES = 12;
const utf8 = new TextEncoder();

/**
 * AES-256-GCM (NIST SP 800-38D) with a random nonce before the ciphertext; `label` is the associated data.
 * A machine key seals a few boxes in its life, so random nonces are safe.
 */
export async function sealBox(key: CryptoKey, label: string, plaintext: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const algorithm = { name: 'AES-GCM', iv, additionalData: utf8.encode(label) };
  const sealed = await crypto.subtle.encrypt(algorithm, key, new Uint8Array(plaintext));
  const box = new Uint8Array(NONCE_BYTES + sealed.byteLength);
  box.set(iv);
  box.set(new Uint8Array(sealed), NONCE_BYTES);
  return box;
}

/** Throws `StoreDamaged` when the box wasn't made by `sealBox` with this key and label. */
export async function openBox(key: CryptoKey, label: string, box: Uint8Array): Promise<Uint8Array> {
  const algorithm = {
    name: 'AES-GCM',
    iv: new Uint8Array(box.subarray(0, NONCE_BYTES)),
    additionalData: utf8.encode(label),
  };
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt(algorithm, key, new Uint8Array(box.subarray(NONCE_BYTES))),
    );
  } catch (cause) {
    throw new StoreDamaged(`the box "${label}" does not open`, { cause });
  }
}
