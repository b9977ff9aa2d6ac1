import {
  ciphersuites,
  getCiphersuiteImpl,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type Signature,
} from 'ts-mls';
import { loadSodium } from '../sodium/load-sodium.js';

/**
 * X-Wing (X25519 + ML-KEM-768), HKDF-SHA384, AES-256-GCM, Ed25519 (draft-ietf-mls-pq-ciphersuites). The code point is
 * provisional: a later one comes as a conversation's next incarnation.
 */
export const SUITE = 0x004e;

// The library knows its own suites only; ours is added to its table, which is exported for that.
export const SUITE_NAME = 'MLS_256_XWING_AES256GCM_SHA384_Ed25519' as CiphersuiteName;

function registerSuite(): void {
  const table = ciphersuites as unknown as Record<string, number>;
  for (const [name, id] of Object.entries(table)) if (id === SUITE) delete table[name];
  table[SUITE_NAME] = SUITE;
}
registerSuite();

let loaded: Promise<CiphersuiteImpl> | undefined;

/** The suite's primitives; loaded once. */
export function loadSuite(): Promise<CiphersuiteImpl> {
  loaded ??= assembleSuite();
  return loaded;
}

async function assembleSuite(): Promise<CiphersuiteImpl> {
  const suite = await getCiphersuiteImpl({
    hash: 'SHA-384',
    hpke: { kem: 'X-Wing', kdf: 'HKDF-SHA384', aead: 'AES256GCM' },
    signature: 'Ed25519',
    name: SUITE_NAME,
  });
  return { ...suite, signature: await sodiumSignatures() };
}

/**
 * Ed25519 (RFC 8032) by libsodium on every platform: WebCrypto's implementations differ on crafted keys and signatures,
 * and all engines have to reach the same verdict. `signKey` is the seed of 32 bytes.
 */
async function sodiumSignatures(): Promise<Signature> {
  const sodium = await loadSodium();
  const sign = (seed: Uint8Array, message: Uint8Array): Uint8Array => {
    const pair = sodium.crypto_sign_seed_keypair(seed);
    const signature = sodium.crypto_sign_detached(message, pair.privateKey);
    sodium.memzero(pair.privateKey);
    return signature;
  };
  const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
    publicKey.length === sodium.crypto_sign_PUBLICKEYBYTES &&
    signature.length === sodium.crypto_sign_BYTES &&
    sodium.crypto_sign_verify_detached(signature, message, publicKey);
  const keygen = (): { signKey: Uint8Array; publicKey: Uint8Array } => {
    const signKey = sodium.randombytes_buf(sodium.crypto_sign_SEEDBYTES);
    return { signKey, publicKey: sodium.crypto_sign_seed_keypair(signKey).publicKey };
  };
  return {
    sign: (seed, message) => Promise.resolve(sign(seed, message)),
    verify: (publicKey, message, signature) => Promise.resolve(verify(publicKey, message, signature)),
    keygen: () => Promise.resolve(keygen()),
  };
}
