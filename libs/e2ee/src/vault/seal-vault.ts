import {
  vault,
  vaultKeep,
  vaultRoot,
  type SealedSlot,
  type UserId,
  type VaultKeep,
  type VaultSlot,
} from '@wisp/protocol';
import { loadSodium } from '../sodium/load-sodium.js';
import { signingKeyFromSeed } from '../identity/ed25519.js';
import { userIdOf } from '../identity/user-id.js';
import { KEEP_CONTEXT_VERSION, sealInVault } from './boxes.js';
import { slotCommitment, type SlotKeys } from './stretch-secret.js';

/** Both secrets of a user, stretched: a vault is always sealed for both at once. */
export interface VaultSecrets {
  password: SlotKeys;
  recovery: SlotKeys;
}

export interface CreateVaultInput {
  /** The seed of the identity key, 32 bytes. */
  identitySeed: Uint8Array;
  secrets: VaultSecrets;
}

export interface CreatedVault {
  /** The encoded vault, version 1. */
  readonly vault: Uint8Array;
  /** For the device's store: opens `keep`. */
  readonly keepKey: Uint8Array;
  readonly keep: VaultKeep;
}

/** A new account's vault: new root, keep and archive keys. */
export async function createVault({ identitySeed, secrets }: CreateVaultInput): Promise<CreatedVault> {
  const sodium = await loadSodium();
  const keepKey = sodium.randombytes_buf(32);
  const keep: VaultKeep = { version: 1, pins: [], verifications: [], archiveKey: sodium.randombytes_buf(32) };
  return { vault: await sealVault({ version: 1, identitySeed, keepKey, keep, secrets }), keepKey, keep };
}

/** What a vault holds, opened. */
export interface VaultContent {
  readonly version: number;
  readonly identitySeed: Uint8Array;
  readonly keepKey: Uint8Array;
  readonly keep: VaultKeep;
}

/**
 * The vault after a new password or recovery key: version + 1, a new root key, both slots sealed anew, the same
 * identity, keep key and keep. The device list has to name the new version (`vaultVersion`) from then on.
 */
export async function rewrapVault(opened: VaultContent, secrets: VaultSecrets): Promise<Uint8Array> {
  return sealVault({ ...opened, version: opened.version + 1, secrets });
}

interface SealInput extends VaultContent {
  secrets: VaultSecrets;
}

async function sealVault({ version, identitySeed, keepKey, keep, secrets }: SealInput): Promise<Uint8Array> {
  const sodium = await loadSodium();
  const { publicKey } = await signingKeyFromSeed(identitySeed);
  const userId = userIdOf({ alg: 'ed25519', key: publicKey });
  const rootKey = sodium.randombytes_buf(32);
  const slots = [
    await sealSlot(rootKey, secrets.password, { userId, place: 'password', version }),
    await sealSlot(rootKey, secrets.recovery, { userId, place: 'recovery', version }),
  ];
  const rootText = vaultRoot.encode({ identitySeed, keepKey });
  const root = await sealInVault(rootKey, { userId, place: 'root', version }, rootText);
  sodium.memzero(rootText);
  sodium.memzero(rootKey);
  return vault.encode({ version, slots, root, keep: await sealKeep(keepKey, userId, keep) });
}

interface SlotContext {
  userId: UserId;
  place: VaultSlot;
  version: number;
}

async function sealSlot(rootKey: Uint8Array, keys: SlotKeys, context: SlotContext): Promise<SealedSlot> {
  const sealed = await sealInVault(keys.slotKey, context, rootKey);
  return { kind: context.place, kdf: keys.kdf, ...sealed, commit: slotCommitment(keys.slotKey) };
}

export async function sealKeep(keepKey: Uint8Array, userId: UserId, keep: VaultKeep) {
  return sealInVault(
    keepKey,
    { userId, place: 'keep', version: KEEP_CONTEXT_VERSION },
    vaultKeep.encode(keep),
  );
}
