import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { loadSodium } from '../sodium/load-sodium.js';
import { signatureLabels, type SignatureLabel } from './labels.js';

/** Ed25519 (RFC 8032): 32 bytes of public key, 32 bytes of seed. */
export interface SigningKey {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A new key: an account's identity key, or a device's signature key. */
export async function createSigningKey(): Promise<SigningKey> {
  const sodium = await loadSodium();
  return signingKeyFromSeed(sodium.randombytes_buf(sodium.crypto_sign_SEEDBYTES));
}

/** The key of a seed of 32 bytes (RFC 8032 §5.1.5). */
export async function signingKeyFromSeed(seed: Uint8Array): Promise<SigningKey> {
  const sodium = await loadSodium();
  const pair = sodium.crypto_sign_seed_keypair(seed);
  sodium.memzero(pair.privateKey);
  return { publicKey: pair.publicKey, secretKey: seed };
}

/** Ed25519 over `label ‖ body` (protocol §1). `secretKey` is the seed. */
export async function signLabelled(
  secretKey: Uint8Array,
  { label, body }: { label: SignatureLabel; body: Uint8Array },
): Promise<Uint8Array> {
  const sodium = await loadSodium();
  const pair = sodium.crypto_sign_seed_keypair(secretKey);
  const signature = sodium.crypto_sign_detached(labelled(label, body), pair.privateKey);
  sodium.memzero(pair.privateKey);
  return signature;
}

/**
 * libsodium's verification (RFC 8032 §5.1.7, without the cofactor, small-order keys refused). Every engine must use
 * this one: implementations differ on crafted signatures, and a verdict has to be the same everywhere.
 */
export async function verifyLabelled(
  publicKey: Uint8Array,
  signed: { label: SignatureLabel; body: Uint8Array; sig: Uint8Array },
): Promise<boolean> {
  const sodium = await loadSodium();
  if (publicKey.length !== sodium.crypto_sign_PUBLICKEYBYTES) return false;
  if (signed.sig.length !== sodium.crypto_sign_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signed.sig, labelled(signed.label, signed.body), publicKey);
}

function labelled(label: SignatureLabel, body: Uint8Array): Uint8Array {
  return concatBytes(utf8ToBytes(signatureLabels[label]), body);
}
