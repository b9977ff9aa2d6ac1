import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { refused, type Refused } from '../identity/refused.js';
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, openBox, sealBox } from '../sodium/aead.js';
import { loadSodium } from '../sodium/load-sodium.js';

/** 32 random bytes that seal a device's store. */
export async function createStoreKey(): Promise<Uint8Array> {
  const sodium = await loadSodium();
  return sodium.randombytes_buf(AEAD_KEY_BYTES);
}

export interface StoreSeal {
  storeKey: Uint8Array;
  /** Names the record, its collection included: a record moved under another key doesn't open. */
  recordKey: string;
}

/** `nonce ‖ box`: 40 bytes longer than the record. XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). */
export async function sealRecord(seal: StoreSeal, record: Uint8Array): Promise<Uint8Array> {
  const { nonce, box } = await sealBox(aeadInput(seal), record);
  return concatBytes(nonce, box);
}

export type OpenedRecord =
  | { readonly kind: 'ok'; readonly record: Uint8Array }
  /** Another store key, another place, or damage. */
  | Refused<'damaged'>;

export async function openRecord(seal: StoreSeal, sealed: Uint8Array): Promise<OpenedRecord> {
  const nonce = sealed.subarray(0, AEAD_NONCE_BYTES);
  const box = sealed.subarray(AEAD_NONCE_BYTES);
  const record = await openBox(aeadInput(seal), { nonce, box });
  return record === null ? refused('damaged') : { kind: 'ok', record };
}

function aeadInput({ storeKey, recordKey }: StoreSeal) {
  return { key: storeKey, associatedData: utf8ToBytes(recordKey) };
}
