import {
  certifyDevice,
  createRecoveryKey,
  createSigningKey,
  createVault,
  signFirstDeviceList,
  SUITE,
  userIdOf,
  verifyDeviceList,
  type SlotKeys,
  type VerifiedDeviceList,
} from '@wisp/e2ee';
import { encodeBase64url, deviceId as deviceIdSchema, type Username } from '@wisp/protocol';
import type { AttemptRecord, SelfRecord, UnprovenRecord } from './account-records.js';
import { stretch, type ServerParameters } from './slot-keys.js';

const QUESTIONS = 4;

/** A new user, as the device stores it before the server hears of it. */
export interface NewAccount {
  self: SelfRecord;
  deviceList: VerifiedDeviceList;
  attempt: AttemptRecord;
  unproven: UnprovenRecord;
}

export interface NewAccountInput {
  parameters: ServerParameters;
  username: Username;
  password: SlotKeys;
  now: number;
}

/** Makes identity, device, vault and recovery key. The identity seed leaves this function in the vault only. */
export async function makeAccount(input: NewAccountInput): Promise<NewAccount> {
  const { parameters, username, password, now } = input;
  const { serverId } = parameters;
  const words = await createRecoveryKey();
  const recovery = await stretch(parameters, { username, secret: words.join(' ') });
  const identity = await createSigningKey();
  const signatureKey = await createSigningKey();
  const deviceId = deviceIdSchema.parse(crypto.randomUUID());
  const identitySeed = identity.secretKey;
  const { vault, keepKey } = await createVault({ identitySeed, secrets: { password, recovery } });
  const certificate = await certifyDevice({
    identitySeed,
    serverId,
    deviceId,
    leafSignatureKey: signatureKey.publicKey,
    suite: SUITE,
  });
  const statement = await signFirstDeviceList({
    identitySeed,
    serverId,
    username,
    issuedAt: now,
    devices: [{ deviceId, signatureKey: signatureKey.publicKey, addedAt: now }],
  });
  const userId = userIdOf({ alg: 'ed25519', key: identity.publicKey });
  const verdict = await verifyDeviceList(statement, { serverId, userId });
  if (verdict.kind === 'refused') throw new Error(`the own device list: ${verdict.reason}`);
  for (const secret of [identitySeed, password.slotKey, recovery.slotKey]) secret.fill(0);
  const authKeys = {
    password: encodeBase64url(password.authKey),
    recovery: encodeBase64url(recovery.authKey),
  };
  return {
    self: { serverId, userId, username, deviceId, registeredAt: now, signatureKey, certificate, keepKey },
    deviceList: verdict.list,
    attempt: {
      username,
      deviceId,
      authKeys,
      vault: encodeBase64url(vault),
      deviceList: encodeBase64url(statement),
    },
    unproven: { words, questions: chooseQuestions(words.length) },
  };
}

/** Distinct indices below `count`, in order. */
function chooseQuestions(count: number): number[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  // Fisher and Yates from the end; a byte's bias over at most 12 values doesn't matter here.
  for (let last = count - 1; last > 0; last--) {
    const other = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % (last + 1);
    [indices[last], indices[other]] = [indices[other] ?? 0, indices[last] ?? 0];
  }
  return indices.slice(0, QUESTIONS).sort((a, b) => a - b);
}
