import { openVault, type SlotKeys, type VaultRefusal } from '@wisp/e2ee';
import {
  createSession,
  decodeBase64url,
  encodeBase64url,
  endSession,
  getVault,
  listSessions,
  username as usernameSchema,
  type SessionAnswer,
  type UserId,
} from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { EngineErrorCode } from '../face.js';
import type { Sleeper } from '../store/store-home.js';
import { deviceListStore } from './device-list-store.js';
import { valueOrThrow } from './failures.js';
import type { Household, Present } from './presence.js';
import { completeRegistration, openAttempt } from './register.js';
import { noteNoStraySession } from './stray-session.js';
import { fetchParameters, readSecret, stretch, type TypedSecret } from './slot-keys.js';
import { storeGuard } from './store-guard.js';
import { refusalOfKeep } from './vault-keeper.js';

/** Opens the store that sleeps here for its owner: the same device as before (protocol §2, store/README.md). */
export async function signIn(
  house: Household,
  input: { username: string; secret: TypedSecret },
): Promise<Present> {
  if (house.presence.current()) throw new EngineError('not-allowed');
  const name = usernameSchema.safeParse(input.username);
  const sleeper = await house.home.sleeper();
  if (!name.success || sleeper?.username !== name.data) throw new EngineError('no-store-here');

  const parameters = await fetchParameters(house.http, name.data);
  const secret = readSecret(input.secret);
  const keys = await stretch(parameters, { username: name.data, secret });
  const answer = await openSession(house, { sleeper, slot: input.secret.kind, keys });
  const before = await openAttempt(house, name.data);
  if (before) return completeRegistration(house, { store: before.store, answer });

  house.tokens.adopt(answer);
  try {
    const present = await openStore(house, { sleeper, slot: input.secret.kind, keys });
    if (present.record.serverId !== parameters.serverId) throw new EngineError('identity-mismatch');
    await house.cookies?.keepIn(present.store);
    await endStraySessions(house, answer);
    return present;
  } catch (error) {
    await takeBack(house, answer);
    throw error;
  }
}

interface Opening {
  sleeper: Sleeper;
  slot: 'password' | 'recovery';
  keys: SlotKeys;
}

async function openSession(house: Household, { sleeper, slot, keys }: Opening): Promise<SessionAnswer> {
  const { username, deviceId, userId } = sleeper;
  const body = { username, slot, authKey: encodeBase64url(keys.authKey), deviceId };
  const answer = valueOrThrow(await house.http.call(createSession, { body }));
  // The name leads to another identity now: its owner started over elsewhere, or the server swapped the keys.
  if (userId && answer.userId !== userId) throw new EngineError('identity-mismatch');
  return answer;
}

async function openStore(house: Household, { sleeper, slot, keys }: Opening): Promise<Present> {
  const { userId, deviceId } = sleeper;
  if (!userId) throw new EngineError('no-store-here');
  const vault = await fetchVault(house, { userId, slot, keys });
  const guard = await storeGuard(vault.keepKey, deviceId);
  const store = await house.home.unlock(guard);
  if (!store) throw new EngineError('no-store-here');
  try {
    const present = await house.presence.enter(store);
    const { self, record } = present;
    const list = await deviceListStore(store, record.serverId).get(userId, self.deviceList.version);
    // A secret that was replaced would open an older vault.
    if (vault.version < (list?.vaultVersion ?? 1))
      throw new EngineError('server-refused', { cause: 'old-vault' });
    const refusal = await refusalOfKeep(vault.bytes, { store, self: record });
    if (refusal !== null) throw new EngineError('server-refused', { cause: refusal });
    return present;
  } catch (error) {
    house.presence.leave();
    await house.home.lock(guard, {});
    throw error;
  }
}

interface OpenedVault {
  bytes: Uint8Array;
  version: number;
  keepKey: Uint8Array;
}

async function fetchVault(
  house: Household,
  { userId, slot, keys }: { userId: UserId; slot: 'password' | 'recovery'; keys: SlotKeys },
): Promise<OpenedVault> {
  const stored = valueOrThrow(await house.http.call(getVault, {}));
  const bytes = decodeBase64url(stored.vault);
  const verdict = await openVault(bytes, { userId, slot, keys, atLeastVersion: 1 });
  if (verdict.kind === 'refused') throw new EngineError(codeOf(verdict.reason), { cause: verdict.reason });
  const { version, keepKey, identitySeed } = verdict.content;
  for (const secret of [identitySeed, keys.slotKey]) secret.fill(0);
  return { bytes, version, keepKey };
}

function codeOf(reason: VaultRefusal): EngineErrorCode {
  switch (reason) {
    case 'weak-kdf':
    case 'costly-kdf':
    case 'unsupported-kdf':
      return 'weak-server';
    case 'other-identity':
      return 'identity-mismatch';
    default:
      return 'server-refused';
  }
}

/** A session that wasn't ended when this device signed out without a network. */
async function endStraySessions(house: Household, answer: SessionAnswer): Promise<void> {
  const sleeper = await house.home.sleeper();
  if (!sleeper?.straySession) return;
  const result = await house.http.call(listSessions, {});
  if (result.kind !== 'ok') return;
  const stray = result.value.sessions.filter(
    ({ deviceId, sessionId }) => deviceId === answer.deviceId && sessionId !== answer.sessionId,
  );
  for (const { sessionId } of stray) {
    if ((await house.http.call(endSession, { params: { id: sessionId } })).kind === 'unreachable') return;
  }
  await noteNoStraySession(house.home, sleeper);
}

async function takeBack(house: Household, answer: SessionAnswer): Promise<void> {
  await house.http.call(endSession, { params: { id: answer.sessionId } });
  house.tokens.forget();
  house.cookies?.clear();
}
