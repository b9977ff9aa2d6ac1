import type { Revocation } from '@wisp/protocol';
import type { Account } from './account.js';
import { checkSecret, type Proof, type SecretChecks, type SecretVerdict } from './check-secret.js';

export type DeletionOutcome =
  | { kind: 'deleted'; at: number; revoked: Revocation[] }
  /** It was deleted meanwhile, or the secret replaced. */
  | { kind: 'gone' }
  | Exclude<SecretVerdict, { kind: 'right' }>;

/** Sessions, vault and packages go; the username and the list chain stay, so that nobody can be put in their place. */
export async function deleteAccount(
  parts: SecretChecks,
  input: { account: Account; address: string; proof: Proof },
): Promise<DeletionOutcome> {
  const { account, address, proof } = input;
  const verdict = await checkSecret(parts, { account, username: account.username, address, ...proof });
  if (verdict.kind !== 'right') return verdict;
  const deleted = await parts.accounts.delete(account.userId, verdict.proven);
  return deleted === null ? { kind: 'gone' } : { kind: 'deleted', ...deleted };
}
