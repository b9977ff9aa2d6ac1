import { z } from 'zod';
import { bytesText, fixedBytesText } from '../bytes.js';
import { deviceId, serverId, sessionId, timestamp, userId, username } from '../ids.js';
import { limits } from '../limits.js';
import { httpOperation } from './operation.js';

/** The Argon2id parameters of the server: memory in KiB, passes, lanes (RFC 9106). Engines have a floor of their own. */
export const kdfParameters = z.strictObject({
  alg: z.literal('argon2id13'),
  m: z
    .int()
    .min(1)
    .max(4 * 1024 * 1024),
  t: z.int().min(1).max(64),
  p: z.int().min(1).max(16),
});
export type KdfParameters = z.infer<typeof kdfParameters>;

/** HKDF of the stretched password or words; it proves a slot's secret to the server. 32 bytes. */
export const authKey = fixedBytesText(32);
export const vaultSlot = z.enum(['password', 'recovery']);
export type VaultSlot = z.infer<typeof vaultSlot>;

/** The proof of a sensitive call: the current auth key of either slot. */
export const freshProof = z.strictObject({ slot: vaultSlot, authKey });
export type FreshProof = z.infer<typeof freshProof>;

const authKeys = z.strictObject({ password: authKey, recovery: authKey });
const vaultBytes = bytesText(limits.vaultBytes, 1);
/** A vault as base64url, and a margin. */
const VAULT_BODY_BYTES = 400_000;
const deviceListBytes = bytesText(limits.deviceListBytes, 1);

/** What registration, sign-in and refresh answer. The refresh cookie travels beside it. */
export const sessionAnswer = z.object({
  /** JWT ES256. */
  token: z.string(),
  /** The end of the token. */
  expiresAt: timestamp,
  /** The server's clock. */
  time: timestamp,
  sessionId,
  userId,
  username,
  /** Absent in a session that isn't bound to a device: it may reach the vault and the device list, nothing else. */
  deviceId: deviceId.optional(),
  /** Where Socket.IO is served: a path on this origin, or an absolute URL. */
  realtimeUrl: z.string(),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

export const getParameters = httpOperation({
  name: 'getParameters',
  summary: 'What a client needs before it can derive keys; the same for real and unknown names.',
  method: 'GET',
  path: '/api/auth/parameters',
  auth: 'none',
  query: z.strictObject({ username }),
  status: 200,
  response: z.object({
    serverId,
    serverSalt: fixedBytesText(32),
    kdf: kdfParameters,
    protocol: z.object({ version: z.int(), oldest: z.int() }),
  }),
  problems: [],
});

export const checkUsername = httpOperation({
  name: 'checkUsername',
  summary: 'Whether a name can still be registered.',
  method: 'GET',
  path: '/api/auth/usernames/:username',
  auth: 'none',
  params: z.strictObject({ username }),
  status: 200,
  response: z.object({ free: z.boolean() }),
  problems: [],
});

export const createAccount = httpOperation({
  name: 'createAccount',
  summary: 'Registers account, vault and device list 1 in one transaction and signs the device in.',
  method: 'POST',
  path: '/api/auth/accounts',
  auth: 'none',
  body: z.strictObject({ username, deviceId, authKeys, vault: vaultBytes, deviceList: deviceListBytes }),
  bodyBytes: VAULT_BODY_BYTES,
  status: 201,
  response: sessionAnswer,
  problems: ['username-taken'],
});

export const createSession = httpOperation({
  name: 'createSession',
  summary: 'Signs in with the password or the recovery key.',
  method: 'POST',
  path: '/api/auth/sessions',
  auth: 'none',
  body: z.strictObject({ username, slot: vaultSlot, authKey, deviceId: deviceId.optional() }),
  status: 201,
  response: sessionAnswer,
  problems: ['wrong-credentials', 'device-not-listed'],
});

export const refreshSession = httpOperation({
  name: 'refreshSession',
  summary: 'Rotates the refresh cookie and answers a new access token.',
  method: 'POST',
  path: '/api/auth/sessions/refresh',
  auth: 'cookie',
  status: 200,
  response: sessionAnswer,
  problems: ['session-ended'],
});

export const listSessions = httpOperation({
  name: 'listSessions',
  summary: "The account's sessions.",
  method: 'GET',
  path: '/api/auth/sessions',
  auth: 'account',
  status: 200,
  response: z.object({
    sessions: z.array(
      z.object({ sessionId, deviceId: deviceId.optional(), createdAt: timestamp, refreshedAt: timestamp }),
    ),
  }),
  problems: [],
});

export const endSession = httpOperation({
  name: 'endSession',
  summary: "Ends one of the account's sessions; its own id signs out.",
  method: 'DELETE',
  path: '/api/auth/sessions/:id',
  auth: 'account',
  params: z.strictObject({ id: sessionId }),
  status: 204,
  problems: ['not-found'],
});

export const changePassword = httpOperation({
  name: 'changePassword',
  summary: 'Replaces auth keys, vault and device list in one transaction; ends all other sessions.',
  method: 'PUT',
  path: '/api/auth/password',
  auth: 'account',
  body: z.strictObject({ proof: freshProof, authKeys, vault: vaultBytes, deviceList: deviceListBytes }),
  bodyBytes: VAULT_BODY_BYTES,
  status: 204,
  problems: ['wrong-credentials', 'list-conflict', 'precondition-failed'],
});

const storedVault = z.object({ vault: vaultBytes, etag: z.string() });

export const getVault = httpOperation({
  name: 'getVault',
  summary: "The account's vault.",
  method: 'GET',
  path: '/api/auth/vault',
  auth: 'account',
  status: 200,
  response: storedVault,
  problems: [],
});

export const putVault = httpOperation({
  name: 'putVault',
  summary: "Writes the vault's `keep`; slots and root stay. Wants the etag in If-Match.",
  method: 'PUT',
  path: '/api/auth/vault',
  auth: 'device',
  body: z.strictObject({ vault: vaultBytes }),
  bodyBytes: VAULT_BODY_BYTES,
  status: 200,
  response: z.object({ etag: z.string() }),
  problems: ['precondition-failed'],
});

export const deleteAccount = httpOperation({
  name: 'deleteAccount',
  summary: 'Deletes sessions, vault and key packages; the username and the list chain stay reserved.',
  method: 'DELETE',
  path: '/api/auth/account',
  auth: 'account',
  body: z.strictObject({ proof: freshProof }),
  status: 204,
  problems: ['wrong-credentials'],
});

const jsonWebKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  use: z.literal('sig'),
  alg: z.literal('ES256'),
  kid: z.string(),
  x: z.string(),
  y: z.string(),
});

export const getJwks = httpOperation({
  name: 'getJwks',
  summary: 'The public keys of access tokens.',
  method: 'GET',
  path: '/api/auth/jwks',
  auth: 'none',
  status: 200,
  response: z.object({ keys: z.array(jsonWebKey) }),
  problems: [],
});

/** The claims of an access token. */
export const tokenClaims = z.object({
  sub: userId,
  dev: deviceId.optional(),
  sid: sessionId,
  iss: serverId,
  aud: z.literal('wisp'),
  iat: z.int(),
  exp: z.int(),
});
export type TokenClaims = z.infer<typeof tokenClaims>;
