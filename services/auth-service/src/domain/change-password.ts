import { equalBytes, type Revocation, type SessionId } from '@wisp/protocol';
import type { Account, DeviceLists, Vaults } from './account.js';
import { checkNextDeviceList } from './check-next-device-list.js';
import { checkSecret, type Proof, type SecretChecks, type SecretVerdict } from './check-secret.js';
import { trustStoredList, type DeviceListRefusal } from './device-list.js';
import { hashAuthKeys, type AuthKeys } from './hash-auth-keys.js';
import { readVault } from './read-vault.js';

export interface PasswordChange extends SecretChecks {
  deviceLists: DeviceLists;
  vaults: Vaults;
}

export interface ChangeInput {
  account: Account;
  /** It stays. */
  session: SessionId;
  address: string;
  proof: Proof;
  authKeys: AuthKeys;
  vault: Uint8Array;
  deviceList: Uint8Array;
}

export type ChangeOutcome =
  | { kind: 'changed'; version: number; revoked: Revocation[] }
  /** It was stored before: the answer was lost. */
  | { kind: 'repeated' }
  | { kind: 'list-conflict' }
  | { kind: 'vault-conflict' }
  | { kind: 'device-taken' }
  | { kind: 'bad-vault' }
  | { kind: 'bad-device-list'; reason: DeviceListRefusal }
  | Exclude<SecretVerdict, { kind: 'right' }>;

/** New auth keys, the vault sealed under them, and the device list that makes every older vault worthless. */
export async function changePassword(parts: PasswordChange, input: ChangeInput): Promise<ChangeOutcome> {
  const { account, address, session } = input;
  const { username, userId } = account;
  const vault = readVault(input.vault);
  if (vault === null) return { kind: 'bad-vault' };
  const [newest, stored] = await Promise.all([parts.deviceLists.newest(userId), parts.vaults.get(userId)]);
  if (newest === null || stored === null) throw new Error('an account without device list or vault');
  const next = checkNextDeviceList(input.deviceList, trustStoredList(newest.statement));

  const isRepeat = next.kind === 'same' && equalBytes(stored.bytes, vault.bytes);
  // After the change only the new key is right.
  const proof = isRepeat ? { slot: 'password' as const, authKey: input.authKeys.password } : input.proof;
  const verdict = await checkSecret(parts, { account, username, address, ...proof });
  if (verdict.kind !== 'right') return verdict;
  if (isRepeat) return { kind: 'repeated' };
  if (next.kind === 'refused') return { kind: 'bad-device-list', reason: next.reason };
  if (next.kind !== 'next') return { kind: 'list-conflict' };
  if (vault.version !== stored.version + 1) return { kind: 'vault-conflict' };
  if (next.signed.list.vaultVersion !== vault.version) {
    return { kind: 'bad-device-list', reason: 'wrong-vault-version' };
  }

  const hashed = await hashAuthKeys(parts.hasher, input.authKeys);
  if (hashed.kind === 'overloaded') return hashed;
  const { signed, removed } = next;
  const change = { next: signed, removed, hashes: hashed.hashes, vault, keepSession: session };
  const result = await parts.accounts.replaceSecrets(change);
  return result.kind === 'stored'
    ? { kind: 'changed', version: signed.list.version, revoked: result.revoked }
    : result;
}
