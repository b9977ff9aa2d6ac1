import { deleteAccount as deleteAccountOperation, encodeBase64url } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { valueOrThrow } from './failures.js';
import type { Household } from './presence.js';
import { eraseStore } from './sign-out.js';
import { fetchParameters, stretch } from './slot-keys.js';

/** Deletes the account at the server, then everything here. */
export async function deleteAccount(house: Household, { password }: { password: string }): Promise<void> {
  const present = house.presence.current();
  if (!present) throw new EngineError('not-signed-in');
  const { username, serverId } = present.record;
  const parameters = await fetchParameters(house.http, username);
  if (parameters.serverId !== serverId) throw new EngineError('identity-mismatch');
  const { authKey } = await stretch(parameters, { username, secret: password });
  const proof = { slot: 'password' as const, authKey: encodeBase64url(authKey) };
  valueOrThrow(await house.http.call(deleteAccountOperation, { body: { proof } }));
  await eraseStore(house);
  house.tokens.forget();
  house.cookies?.clear();
}
