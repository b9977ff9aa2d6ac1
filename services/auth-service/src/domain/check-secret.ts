import type { VaultSlot } from '@wisp/protocol';
import type { Account, Accounts } from './account.js';
import { takeEach, type Attempts, type RateLimited } from './attempts.js';
import type { AuthKeyHasher } from './auth-key-hasher.js';

export interface SecretChecks {
  accounts: Accounts;
  hasher: AuthKeyHasher;
  /** Guesses at one account from one address, at one account from anywhere, from one address at anything. */
  guesses: { atAccountFromAddress: Attempts; atAccount: Attempts; fromAddress: Attempts };
}

/** What somebody offers as proof of a slot's secret. */
export interface Proof {
  slot: VaultSlot;
  authKey: Uint8Array;
}

export interface Guess extends Proof {
  /** Null: nobody of this name; it costs the same. */
  account: Account | null;
  /** What was claimed, known or not. */
  username: string;
  address: string;
}

/** The hash that a proof fitted: where it has been replaced since, the proof is worth nothing any more. */
export interface Proven {
  slot: VaultSlot;
  hash: string;
}

export type SecretVerdict =
  { kind: 'right'; proven: Proven } | { kind: 'wrong-credentials' } | { kind: 'overloaded' } | RateLimited;

/** Judges an auth key. Every guess counts, also the right one: else the limit would tell them apart. */
export async function checkSecret(
  { accounts, hasher, guesses }: SecretChecks,
  { account, username, address, slot, authKey }: Guess,
): Promise<SecretVerdict> {
  const allowed = await takeEach([
    { attempts: guesses.atAccountFromAddress, key: `${username} ${address}` },
    { attempts: guesses.fromAddress, key: address },
    { attempts: guesses.atAccount, key: username },
  ]);
  if (allowed.kind === 'rate-limited') return allowed;
  const hash = account?.hashes[slot] ?? null;
  const verification = await hasher.verify(authKey, hash);
  if (verification.kind === 'overloaded') return verification;
  if (verification.kind === 'wrong' || account === null || hash === null)
    return { kind: 'wrong-credentials' };
  if (!verification.rehash) return { kind: 'right', proven: { slot, hash } };
  const renewed = await hasher.hash(authKey);
  if (renewed.kind === 'overloaded') return { kind: 'right', proven: { slot, hash } };
  await accounts.replaceHash(account.userId, { slot, from: hash, to: renewed.hash });
  return { kind: 'right', proven: { slot, hash: renewed.hash } };
}
