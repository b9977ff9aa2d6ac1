import { equalBytes, type DeviceId, type Revocation, type ServerId, type Username } from '@wisp/protocol';
import type { DeviceLists } from './account.js';
import type { RateLimited } from './attempts.js';
import { checkFirstDeviceList } from './check-first-device-list.js';
import { checkSecret, type SecretChecks } from './check-secret.js';
import type { DeviceListRefusal, SignedDeviceList } from './device-list.js';
import { hashAuthKeys, type AuthKeys } from './hash-auth-keys.js';
import { prepareSession } from './prepare-session.js';
import { readVault } from './read-vault.js';
import type { RefreshToken, RefreshTokens } from './refresh-token.js';
import type { OpenedSession, Sessions } from './session.js';

export interface Registration extends SecretChecks {
  sessions: Sessions;
  deviceLists: DeviceLists;
  refreshTokens: RefreshTokens;
  serverId: ServerId;
}

export interface RegistrationInput {
  username: Username;
  deviceId: DeviceId;
  authKeys: AuthKeys;
  vault: Uint8Array;
  deviceList: Uint8Array;
  address: string;
}

export type RegistrationOutcome =
  | { kind: 'registered'; session: OpenedSession; refresh: RefreshToken; revoked: Revocation[] }
  | { kind: 'username-taken' }
  | { kind: 'overloaded' }
  | RateLimited
  /** The device id is somebody else's, or the identity key has an account. */
  | { kind: 'device-taken' }
  | { kind: 'user-known' }
  | { kind: 'bad-vault' }
  | { kind: 'bad-device-list'; reason: DeviceListRefusal };

const FIRST_VAULT = 1;

/** Account, vault and device list 1 at once, and the first session. */
export async function registerAccount(
  parts: Registration,
  input: RegistrationInput,
): Promise<RegistrationOutcome> {
  const { accounts, hasher, refreshTokens, serverId } = parts;
  const vault = readVault(input.vault);
  if (vault?.version !== FIRST_VAULT) return { kind: 'bad-vault' };
  const { username, deviceId } = input;
  const first = checkFirstDeviceList(input.deviceList, {
    serverId,
    username,
    deviceId,
    vaultVersion: FIRST_VAULT,
  });
  if (first.kind === 'refused') return { kind: 'bad-device-list', reason: first.reason };
  if (await accounts.isNameTaken(username)) return repeatRegistration(parts, input, first.signed);

  const hashes = await hashAuthKeys(hasher, input.authKeys);
  if (hashes.kind === 'overloaded') return hashes;
  const { session, refresh } = prepareSession(refreshTokens, deviceId);
  const created = await accounts.create({ first: first.signed, hashes: hashes.hashes, vault, session });
  switch (created.kind) {
    case 'created':
      return { kind: 'registered', session: created.session, refresh, revoked: [] };
    case 'username-taken':
      return repeatRegistration(parts, input, first.signed);
    case 'user-known':
    case 'device-taken':
      return created;
  }
}

/** The answer to a registration may be lost: the same one again, with the right key, signs in. */
async function repeatRegistration(
  parts: Registration,
  { username, deviceId, authKeys, address }: RegistrationInput,
  first: SignedDeviceList,
): Promise<RegistrationOutcome> {
  const account = await parts.accounts.byName(username);
  if (account?.userId !== first.list.userId) return { kind: 'username-taken' };
  const newest = await parts.deviceLists.newest(account.userId);
  if (newest === null || !equalBytes(newest.statement, first.statement)) return { kind: 'username-taken' };
  const guess = { account, username, address, slot: 'password', authKey: authKeys.password } as const;
  const verdict = await checkSecret(parts, guess);
  if (verdict.kind === 'wrong-credentials') return { kind: 'username-taken' };
  if (verdict.kind !== 'right') return verdict;
  const { session, refresh } = prepareSession(parts.refreshTokens, deviceId);
  const opened = await parts.sessions.open(account.userId, session, verdict.proven);
  return opened.kind === 'opened'
    ? { kind: 'registered', session: opened.session, refresh, revoked: opened.revoked }
    : { kind: 'username-taken' };
}
