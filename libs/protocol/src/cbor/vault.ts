import type { KdfParameters, VaultSlot } from '../http/accounts.js';
import type { ConversationId, UserId, Username } from '../ids.js';
import { limits } from '../limits.js';
import { constant, map, optional } from './map.js';
import { conversationId, hash, timestamp, userId, userIdOrder, username } from './parts.js';
import { CborRefusal } from './refusal.js';
import { array, bytes, checked, choice, fixedBytes, sortedArray, uint, type Shape } from './shape.js';
import { structure, structureOf, type Structure } from './structure.js';

const slotKind: Shape<VaultSlot> = choice({ password: 1, recovery: 2 });

/** Argon2id v1.3 (RFC 9106) with its salt of 16 bytes. */
export interface VaultKdf extends KdfParameters {
  salt: Uint8Array;
}
const kdf: Shape<VaultKdf> = map({
  alg: choice({ argon2id13: 1 }),
  m: uint(4 * 1024 * 1024, 8),
  t: uint(64, 1),
  p: uint(16, 1),
  salt: fixedBytes(16),
});

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): `nonce` 24 bytes, `box` = ciphertext and tag. */
export interface SealedBox {
  nonce: Uint8Array;
  box: Uint8Array;
}
const nonce = fixedBytes(24);
const TAG_BYTES = 16;

/** The root key, sealed under one of the user's two secrets. */
export interface SealedSlot extends SealedBox {
  kind: VaultSlot;
  kdf: VaultKdf;
  /** HKDF of the slot key: compared before the box is opened, since the AEAD doesn't commit to its key. */
  commit: Uint8Array;
}
const slot: Shape<SealedSlot> = map({
  kind: slotKind,
  kdf,
  nonce,
  box: fixedBytes(32 + TAG_BYTES),
  commit: hash,
});

/** What the server keeps for its user and can't open (protocol §2). */
export interface Vault {
  /** From 1; +1 with each new root key. */
  version: number;
  /** Exactly one of each kind, password first. */
  slots: SealedSlot[];
  /** `VaultRoot` under the root key. */
  root: SealedBox;
  /** `VaultKeep` under the keep key. */
  keep: SealedBox;
}

const MAX_KEEP_BYTES = limits.vaultBytes - 1024;

const rootBox: Shape<SealedBox> = map({ nonce, box: bytes(256, TAG_BYTES) });
const keepBox: Shape<SealedBox> = map({ nonce, box: bytes(MAX_KEEP_BYTES + TAG_BYTES, TAG_BYTES) });

export const vault: Structure<Vault> = structureOf<Vault>(
  'Vault',
  limits.vaultBytes,
  map({
    v: constant(1, 'unknown-version'),
    version: uint(0xffff_ffff, 1),
    slots: checked(array(slot, 2, 2), (slots, at) => {
      if (slots[0]?.kind !== 'password' || slots[1]?.kind !== 'recovery')
        throw new CborRefusal('not-sorted', at);
    }),
    root: rootBox,
    keep: keepBox,
  }),
);

/** Sealed under the root key. */
export interface VaultRoot {
  /** The seed of the Ed25519 identity key (RFC 8032 §5.1.5): the identity secret. */
  identitySeed: Uint8Array;
  /** Opens `keep`; devices hold it, unlike the root key. */
  keepKey: Uint8Array;
}

export const vaultRoot: Structure<VaultRoot> = structure('VaultRoot', {
  maxBytes: 256,
  fields: { identitySeed: fixedBytes(32), keepKey: fixedBytes(32) },
});

/** The identity that a contact's name led to, and how far its device list was followed. */
export interface ContactPin {
  userId: UserId;
  username: Username;
  listVersion: number;
  /** SHA-256 of that device list's statement. */
  listHash: Uint8Array;
}

/** A contact whose safety number was compared. */
export interface ContactVerification {
  userId: UserId;
  verifiedAt: number;
}

/** Sealed under the keep key. Its version is its own: writing it leaves the vault's alone. */
export interface VaultKeep {
  /** From 1; +1 with each writing. */
  version: number;
  /** Sorted by user id. */
  pins: ContactPin[];
  /** Sorted by user id. */
  verifications: ContactVerification[];
  selfConversationId?: ConversationId;
  /** Seals the history that a user exports. */
  archiveKey: Uint8Array;
}

const MAX_CONTACTS = 5000;
const pin: Shape<ContactPin> = map({ userId, username, listVersion: uint(0xffff_ffff, 1), listHash: hash });
const verification: Shape<ContactVerification> = map({ userId, verifiedAt: timestamp });

export const vaultKeep: Structure<VaultKeep> = structure('VaultKeep', {
  maxBytes: MAX_KEEP_BYTES,
  fields: {
    version: uint(Number.MAX_SAFE_INTEGER, 1),
    pins: sortedArray(pin, MAX_CONTACTS, (entry) => userIdOrder(entry.userId)),
    verifications: sortedArray(verification, MAX_CONTACTS, (entry) => userIdOrder(entry.userId)),
    selfConversationId: optional(conversationId),
    archiveKey: fixedBytes(32),
  },
});

/** Associated data of a box in the vault: never sent, so that no box opens for another user, place or version. */
export interface VaultBoxContext {
  userId: UserId;
  place: VaultSlot | 'root' | 'keep';
  /** The vault's version; 0 for `keep`, which outlives it. */
  version: number;
}

export const vaultBoxContext: Structure<VaultBoxContext> = structure('VaultBoxContext', {
  maxBytes: 128,
  fields: {
    userId,
    place: choice({ password: 1, recovery: 2, root: 3, keep: 4 }),
    version: uint(0xffff_ffff),
  },
});
