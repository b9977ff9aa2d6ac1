import { ciphersuites, getCiphersuiteImpl, type CiphersuiteImpl, type CiphersuiteName } from 'ts-mls';

/**
 * X-Wing (X25519 + ML-KEM-768), HKDF-SHA384, AES-256-GCM, Ed25519 (draft-ietf-mls-pq-ciphersuites). The code point is
 * provisional: a later one comes as a conversation's next incarnation.
 */
export const SUITE = 0x004e;

/** Bytes of a KeyPackageRef (RFC 9420 §5.2): those of the suite's hash. */
export const KEY_PACKAGE_REF_BYTES = 48;

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
  loaded ??= getCiphersuiteImpl({
    hash: 'SHA-384',
    hpke: { kem: 'X-Wing', kdf: 'HKDF-SHA384', aead: 'AES256GCM' },
    signature: 'Ed25519',
    name: SUITE_NAME,
  });
  return loaded;
}
