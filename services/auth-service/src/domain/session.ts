import type { DeviceId, Revocation, SessionId, UserId, Username } from '@wisp/protocol';
import type { Proven } from './check-secret.js';

export interface NewSession {
  sessionId: SessionId;
  deviceId: DeviceId | undefined;
  /** SHA-256 of the refresh secret. */
  refreshHash: Uint8Array;
}

/** A session at the moment in which it was opened or refreshed; `at` is the database's time, ms. */
export interface OpenedSession {
  sessionId: SessionId;
  userId: UserId;
  username: Username;
  deviceId: DeviceId | undefined;
  at: number;
}

export interface ListedSession {
  sessionId: SessionId;
  deviceId: DeviceId | undefined;
  createdAt: number;
  refreshedAt: number;
}

export interface RefreshState {
  currentHash: Uint8Array;
  previousHash: Uint8Array | null;
  /** Since the current secret took the previous one's place, ms. */
  age: number;
}

export type RefreshDecision = 'rotate' | 'repeat' | 'revoke';

export interface Sessions {
  /**
   * A device has one session: an earlier one ends, as does the oldest of too many without a device.
   * `device-not-listed`: not, or no longer, a device of this user. `gone`: the account, or the secret that was proven.
   */
  open(
    userId: UserId,
    session: NewSession,
    proven: Proven,
  ): Promise<
    | { kind: 'opened'; session: OpenedSession; revoked: Revocation[] }
    | { kind: 'device-not-listed' }
    | { kind: 'gone' }
  >;
  /** `decide` judges under the session's lock; on `rotate` `nextHash` becomes current. */
  refresh(
    sessionId: SessionId,
    step: { nextHash: Uint8Array; decide: (state: RefreshState) => RefreshDecision },
  ): Promise<
    | { kind: 'refreshed'; session: OpenedSession }
    | { kind: 'revoked'; revoked: Revocation[] }
    | { kind: 'gone' }
  >;
  list(userId: UserId): Promise<ListedSession[]>;
  /** Null: there is none. */
  end(userId: UserId, sessionId: SessionId): Promise<Revocation[] | null>;
  isAlive(session: { userId: UserId; sessionId: SessionId }): Promise<boolean>;
}
