import type { KdfParameters } from '@wisp/protocol';
import { refused, type Refused } from '../identity/refused.js';

/** Argon2id v1.3 (RFC 9106), 128 MiB, 3 passes, 1 lane. */
export const defaultKdf: KdfParameters = { alg: 'argon2id13', m: 128 * 1024, t: 3, p: 1 };

/** In code, since a server could ask for less and then guess cheaply. `m` in KiB. */
export const kdfFloor = { m: 64 * 1024, t: 3 } as const;

/** A server could also ask for so much that the device dies of it. `m` in KiB. */
export const kdfCeiling = { m: 512 * 1024, t: 16 } as const;

export type KdfRefusal =
  | 'weak-kdf'
  | 'costly-kdf'
  /** More than one lane: libsodium has one. */
  | 'unsupported-kdf';

/** Null: these parameters may be used. */
export function refuseKdf(kdf: KdfParameters): Refused<KdfRefusal> | null {
  if (kdf.p !== 1) return refused('unsupported-kdf');
  if (kdf.m < kdfFloor.m || kdf.t < kdfFloor.t) return refused('weak-kdf');
  if (kdf.m > kdfCeiling.m || kdf.t > kdfCeiling.t) return refused('costly-kdf');
  return null;
}
