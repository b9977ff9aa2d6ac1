import type { ClientState } from 'ts-mls';
import type { ServerId } from '@wisp/protocol';
import type { Session } from './types.js';

/** When an epoch ended: the server time of the commit that ended it. */
export interface EpochEnd {
  readonly epoch: number;
  readonly at: number;
}

/** What a `Session` is inside. Nothing in it is ever changed. */
export interface SessionData {
  readonly serverId: ServerId;
  readonly mls: ClientState;
  /** One for each past epoch whose keys are still kept. */
  readonly ends: readonly EpochEnd[];
}

// The mark on `Session` exists in types only: outside of this folder nobody can look in or forge one.
export function sealSession(data: SessionData): Session {
  return data as unknown as Session;
}

export function openSession(session: Session): SessionData {
  return session as unknown as SessionData;
}
