import { endSession } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { Household } from './presence.js';
import { noteNoStraySession } from './stray-session.js';
import { storeGuard } from './store-guard.js';

/**
 * Ends the session and clears memory. The store is locked or erased before the server is told: whoever signs out
 * without a network is signed out all the same.
 */
export async function signOut(house: Household, store: 'keep' | 'erase'): Promise<void> {
  const locked = store === 'keep' ? await lockStore(house, 'tell-the-server-later') : await eraseStore(house);
  const ended = await endOwnSession(house);
  house.tokens.forget();
  house.cookies?.clear();
  const sleeper = await house.home.sleeper();
  if (locked && ended && sleeper) await noteNoStraySession(house.home, sleeper);
}

/** True: the server has no session of this device any more. */
async function endOwnSession({ tokens, http }: Household): Promise<boolean> {
  const session = await tokens.fresh();
  const result =
    session.kind === 'ok'
      ? await http.call(endSession, { params: { id: session.value.sessionId } })
      : session;
  return result.kind === 'ok' || (result.kind === 'problem' && result.problem.status === 401);
}

/** Closes the store for everybody but its owner. False: nobody was signed in. */
export async function lockStore(
  house: Household,
  session: 'tell-the-server-later' | 'ended',
): Promise<boolean> {
  const present = house.presence.current();
  if (!present) throw new EngineError('not-signed-in');
  const { keepKey, deviceId } = present.record;
  const guard = await storeGuard(keepKey, deviceId);
  house.presence.leave();
  house.cookies?.detach();
  await house.home.lock(guard, session === 'ended' ? {} : { straySession: true });
  keepKey.fill(0);
  present.record.signatureKey.secretKey.fill(0);
  return true;
}

export async function eraseStore(house: Household): Promise<false> {
  house.presence.leave();
  house.cookies?.detach();
  await house.home.erase();
  return false;
}
