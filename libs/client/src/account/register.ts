import {
  createAccount,
  createSession,
  encodeBase64url,
  username as usernameSchema,
  type ResponseOf,
  type SessionAnswer,
  type Username,
} from '@wisp/protocol';
import type { SlotKeys, VerifiedDeviceList } from '@wisp/e2ee';
import { EngineError } from '../engine-error.js';
import type { Change, Store } from '../store/store.js';
import type { CallResult } from '../transport/transport.js';
import type { Contact } from './account.js';
import { putAccount, readAccount, removeAccount, type AttemptRecord } from './account-records.js';
import { putContact } from './contact-store.js';
import { deviceListStore } from './device-list-store.js';
import { failureOf } from './failures.js';
import { makeAccount } from './make-account.js';
import type { Household, Present } from './presence.js';
import { fetchParameters, stretch } from './slot-keys.js';

/**
 * Registers a new user and signs this device in. All of it is stored before the server hears of it, so a lost answer
 * or a closed tab costs nothing: calling it again with the same name and password goes on with the same keys.
 */
export async function register(
  house: Household,
  input: { username: string; password: string },
): Promise<{ words: string[] }> {
  const name = usernameSchema.safeParse(input.username);
  if (!name.success || house.presence.current()) throw new EngineError('not-allowed');
  const sleeper = await house.home.sleeper();
  // Somebody's messages sleep here: they are erased only by a wish of their own.
  if (sleeper?.userId) throw new EngineError('not-allowed');

  const parameters = await fetchParameters(house.http, name.data);
  const password = await stretch(parameters, { username: name.data, secret: input.password });
  const before = await openAttempt(house, name.data);
  const resumed = before !== null && before.attempt.authKeys.password === encodeBase64url(password.authKey);
  const { store, attempt } = resumed
    ? before
    : await storeNewAccount(house, { parameters, username: name.data, password });

  let result: CallResult<ResponseOf<typeof createAccount>> = await house.http.call(createAccount, {
    body: attempt,
  });
  if (resumed && isTaken(result)) result = await signInAsAttempted(house, attempt);
  if (isTaken(result)) await house.home.erase();
  if (result.kind !== 'ok') throw isWrong(result) ? new EngineError('username-taken') : failureOf(result);
  const { store: open } = await completeRegistration(house, { store, answer: result.value });
  const unproven = await readAccount(open, 'unproven');
  return { words: unproven?.words ?? [] };
}

/** A registration that began here and that the server may know. */
export async function openAttempt(
  house: Household,
  username: Username,
): Promise<{ store: Store; attempt: AttemptRecord } | null> {
  const sleeper = await house.home.sleeper();
  if (!sleeper || sleeper.userId || sleeper.state !== 'open' || sleeper.username !== username) return null;
  const store = await house.home.open();
  const attempt = await readAccount(store, 'attempt');
  return attempt && { store, attempt };
}

interface NewAttempt {
  parameters: Awaited<ReturnType<typeof fetchParameters>>;
  username: Username;
  password: SlotKeys;
}

async function storeNewAccount(
  house: Household,
  { parameters, username, password }: NewAttempt,
): Promise<{ store: Store; attempt: AttemptRecord }> {
  const made = await makeAccount({ parameters, username, password, now: house.now() });
  const store = await house.home.create({ username, deviceId: made.self.deviceId });
  const lists = deviceListStore(store, made.self.serverId);
  const changes: Change[] = [
    putAccount('self', made.self),
    putAccount('attempt', made.attempt),
    putAccount('unproven', made.unproven),
    lists.put(made.deviceList),
    putContact(ownContact(made.deviceList)),
  ];
  await store.commit(changes);
  return { store, attempt: made.attempt };
}

/** The own user stands among the contacts, as everybody whose device lists are followed. */
function ownContact({ userId, username, identityKey, version, hash }: VerifiedDeviceList): Contact {
  return {
    userId,
    username,
    identityKey,
    listVersion: version,
    listHash: hash,
    verified: true,
    deletedAccount: false,
    replaces: null,
  };
}

/** The name is taken: by us, if the first answer was lost. */
export function signInAsAttempted(
  house: Household,
  { username, deviceId, authKeys }: AttemptRecord,
): Promise<CallResult<SessionAnswer>> {
  const body = { username, slot: 'password' as const, authKey: authKeys.password, deviceId };
  return house.http.call(createSession, { body });
}

/** The server has the account: this device is signed in. */
export async function completeRegistration(
  house: Household,
  { store, answer }: { store: Store; answer: SessionAnswer },
): Promise<Present> {
  const self = await readAccount(store, 'self');
  if (!self || answer.userId !== self.userId || answer.deviceId !== self.deviceId) {
    throw new EngineError('server-refused');
  }
  house.tokens.adopt(answer);
  await house.cookies?.keepIn(store);
  await store.commit([putAccount('self', { ...self, registeredAt: answer.time })]);
  const { username, userId, deviceId } = self;
  await house.home.note({ username, userId, deviceId, state: 'open' });
  await forgetAttempt(store);
  return house.presence.enter(store);
}

/** It holds the auth keys. It goes last: until the home names its owner, a retry needs it. */
export async function forgetAttempt(store: Store): Promise<void> {
  if (await readAccount(store, 'attempt')) await store.commit([removeAccount('attempt')]);
}

function isTaken(result: CallResult<unknown>): boolean {
  return result.kind === 'problem' && result.problem.code === 'username-taken';
}

/** Somebody else has the name. */
function isWrong(result: CallResult<unknown>): boolean {
  return isTaken(result) || (result.kind === 'problem' && result.problem.code === 'wrong-credentials');
}
