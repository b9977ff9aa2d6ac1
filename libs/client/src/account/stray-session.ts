import { endSession } from '@wisp/protocol';
import type { Sleeper, StoreHome } from '../store/store-home.js';
import type { Household } from './presence.js';

/** The server has been told, or has no session of this device any more. */
export async function noteNoStraySession(home: StoreHome, sleeper: Sleeper): Promise<void> {
  const { username, userId, deviceId, state } = sleeper;
  await home.note({ username, deviceId, state, ...(userId ? { userId } : {}) });
}

/**
 * A browser keeps the cookie of somebody who signed out without a network: the session is ended as soon as there is
 * one. Outside a browser the cookie lies in the locked store; it is ended after the next sign-in.
 */
export async function endStraySession({ home, http, tokens, cookies, presence }: Household): Promise<void> {
  const sleeper = await home.sleeper();
  if (cookies || presence.current() || !sleeper?.straySession || !sleeper.userId) return;
  tokens.expect(sleeper.userId);
  const session = await tokens.fresh();
  const result =
    session.kind === 'ok'
      ? await http.call(endSession, { params: { id: session.value.sessionId } })
      : session;
  tokens.forget();
  if (result.kind === 'unreachable' || (result.kind === 'problem' && result.problem.status !== 401)) return;
  await noteNoStraySession(home, sleeper);
}
