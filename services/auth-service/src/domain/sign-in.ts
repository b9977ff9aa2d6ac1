import type { DeviceId, Revocation, Username } from '@wisp/protocol';
import { checkSecret, type Proof, type SecretChecks, type SecretVerdict } from './check-secret.js';
import { prepareSession } from './prepare-session.js';
import type { RefreshToken, RefreshTokens } from './refresh-token.js';
import type { OpenedSession, Sessions } from './session.js';

export interface SignInParts extends SecretChecks {
  sessions: Sessions;
  refreshTokens: RefreshTokens;
}

export interface SignInInput extends Proof {
  username: Username;
  deviceId: DeviceId | undefined;
  address: string;
}

export type SignInOutcome =
  | { kind: 'signed-in'; session: OpenedSession; refresh: RefreshToken; revoked: Revocation[] }
  | { kind: 'device-not-listed' }
  | Exclude<SecretVerdict, { kind: 'right' }>;

/** With the password or the words. What a wrong name and a wrong secret answer is the same. */
export async function signIn(parts: SignInParts, input: SignInInput): Promise<SignInOutcome> {
  const { username, slot, authKey, deviceId, address } = input;
  const account = await parts.accounts.byName(username);
  const verdict = await checkSecret(parts, { account, username, address, slot, authKey });
  if (verdict.kind !== 'right') return verdict;
  if (account === null) return { kind: 'wrong-credentials' };
  const { session, refresh } = prepareSession(parts.refreshTokens, deviceId);
  const opened = await parts.sessions.open(account.userId, session, verdict.proven);
  switch (opened.kind) {
    case 'opened':
      return { kind: 'signed-in', session: opened.session, refresh, revoked: opened.revoked };
    case 'device-not-listed':
      return opened;
    case 'gone':
      return { kind: 'wrong-credentials' };
  }
}
