import { createHmac, randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import { createWorkQueue } from './work-queue.js';

export type HashResult = { kind: 'hash'; hash: string } | { kind: 'overloaded' };
export type Verification = { kind: 'right'; rehash: boolean } | { kind: 'wrong' } | { kind: 'overloaded' };

/** bcrypt(base64(HMAC(pepper, authKey))): under 72 bytes and without NUL, the pepper outside of PostgreSQL. */
export interface AuthKeyHasher {
  hash(authKey: Uint8Array): Promise<HashResult>;
  /** Null stands for an unknown user or a slot that isn't there: the answer is `wrong`, at the same cost. */
  verify(authKey: Uint8Array, hash: string | null): Promise<Verification>;
}

export interface HasherSettings {
  /** At least 32 bytes. */
  pepper: Uint8Array;
  /** bcrypt's cost: the work is 2^cost. */
  cost: number;
  /** Hashes at once: one per core. */
  concurrency: number;
  /** Waiting beyond those; what comes then is turned away. */
  queueLimit: number;
}

export async function createAuthKeyHasher(settings: HasherSettings): Promise<AuthKeyHasher> {
  const { pepper, cost } = settings;
  const queue = createWorkQueue(settings);
  const peppered = (authKey: Uint8Array) => createHmac('sha256', pepper).update(authKey).digest('base64');
  const nobody = await bcrypt.hash(peppered(randomBytes(32)), cost);

  return {
    async hash(authKey) {
      const result = await queue.run(() => bcrypt.hash(peppered(authKey), cost));
      return result.kind === 'done' ? { kind: 'hash', hash: result.value } : result;
    },
    async verify(authKey, hash) {
      const result = await queue.run(() => bcrypt.compare(peppered(authKey), hash ?? nobody));
      if (result.kind === 'overloaded') return result;
      if (hash === null || !result.value) return { kind: 'wrong' };
      return { kind: 'right', rehash: bcrypt.getRounds(hash) !== cost };
    },
  };
}
