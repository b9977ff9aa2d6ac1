import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import type { getJwks, ResponseOf } from '@wisp/protocol';

export type Jwks = ResponseOf<typeof getJwks>;

/** A signing key as it rests: the private half sealed by a key that isn't in the database. */
export interface StoredSigningKey {
  kid: string;
  publicX: string;
  publicY: string;
  sealedKey: Uint8Array;
  /** Names the sealing key. */
  sealedBy: string;
}

export interface SigningKeyStore {
  /** All that tokens in circulation may be signed by, newest first; `active` from its moment on (database time). */
  list(): Promise<(StoredSigningKey & { active: boolean })[]>;
  /**
   * Under a lock over all replicas: calls `make` and stores its key where no active or coming key sealed by
   * `sealedBy` is younger than `rotateAfter`; drops keys that no token can be signed by any more. The first key of a
   * sealing key is active at once, later ones after `lead`, so that everybody has heard of them. Seconds.
   */
  rotate(rotation: {
    sealedBy: string;
    rotateAfter: number;
    lead: number;
    dropAfter: number;
    make: () => StoredSigningKey;
  }): Promise<void>;
}

export interface SigningKeys {
  /** The key to sign with. */
  current(): Promise<{ kid: string; privateKey: KeyObject }>;
  jwks(): Promise<Jwks>;
  /** To be called at the start and from time to time. */
  rotate(): Promise<void>;
}

const DAY = 24 * 60 * 60;
const ROTATE_AFTER = 30 * DAY;
/** Verifiers ask again at least every five minutes. */
const LEAD = 60 * 60;
/** After its successor has taken over: the longest token and a margin. */
const DROP_AFTER = 60 * 60;

/** P-256 keys of access tokens in the database, sealed by AES-256-GCM under a key from the environment. */
export function createSigningKeys(store: SigningKeyStore, keyEncryptionKey: Uint8Array): SigningKeys {
  const seal = createSeal(keyEncryptionKey);
  const opened = new Map<string, KeyObject>();

  function open(key: StoredSigningKey): KeyObject {
    const known = opened.get(key.kid);
    if (known) return known;
    const der = Buffer.from(seal.open(key.sealedKey, key.kid));
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    opened.set(key.kid, privateKey);
    return privateKey;
  }

  const rotate = () =>
    store.rotate({
      sealedBy: seal.name,
      rotateAfter: ROTATE_AFTER,
      lead: LEAD,
      dropAfter: DROP_AFTER,
      make: () => makeKey(seal),
    });

  async function usable() {
    return (await store.list()).find((key) => key.active && key.sealedBy === seal.name);
  }

  return {
    rotate,
    async current() {
      let key = await usable();
      if (key === undefined) {
        // They were withdrawn under us, by a restore for instance.
        await rotate();
        key = await usable();
      }
      if (key === undefined) throw new Error('no signing key');
      return { kid: key.kid, privateKey: open(key) };
    },
    async jwks() {
      const keys = (await store.list()).map(({ kid, publicX, publicY }) => ({
        kty: 'EC' as const,
        crv: 'P-256' as const,
        use: 'sig' as const,
        alg: 'ES256' as const,
        kid,
        x: publicX,
        y: publicY,
      }));
      return { keys };
    },
  };
}

type Seal = ReturnType<typeof createSeal>;

function makeKey(seal: Seal): StoredSigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  if (x === undefined || y === undefined) throw new Error('a P-256 key has two coordinates');
  const kid = randomUUID();
  const sealedKey = seal.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), kid);
  return { kid, publicX: x, publicY: y, sealedKey, sealedBy: seal.name };
}

const NONCE = 12;
const TAG = 16;

/** AES-256-GCM (NIST SP 800-38D) with random nonces; the kid is bound as associated data. */
function createSeal(secret: Uint8Array) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'wisp/signing-keys/1', 32));
  return {
    name: createHash('sha256').update('wisp/sealing-key-name/1').update(key).digest('base64url').slice(0, 16),
    seal(plain: Uint8Array, kid: string): Uint8Array {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed: Uint8Array, kid: string): Uint8Array {
      const nonce = sealed.subarray(0, NONCE);
      const tag = sealed.subarray(sealed.length - TAG);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
    },
  };
}
