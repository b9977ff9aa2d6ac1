import { userId, username, type IdentityKey, type UserId } from '@wisp/protocol';
import { z } from 'zod';
import { decodeRecord, decodeSound, encodeRecord, nullIfDamaged, recordBytes } from '../store/record.js';
import { put, type Change, type Store } from '../store/store.js';
import type { Contact } from './account.js';

const COLLECTION = 'contacts';

const identityKey: z.ZodType<IdentityKey> = z.object({ alg: z.literal('ed25519'), key: recordBytes });

const contactRecord: z.ZodType<Contact> = z.object({
  userId,
  username,
  identityKey,
  listVersion: z.int().min(1),
  listHash: recordBytes,
  verified: z.boolean(),
  deletedAccount: z.boolean(),
  replaces: userId.nullable(),
});

/** Null also where it is damaged: a user's name is the digest of their key, so they are pinned anew without a doubt. */
export function readContact(store: Store, user: UserId): Promise<Contact | null> {
  return nullIfDamaged(readStored(store, user));
}

async function readStored(store: Store, user: UserId): Promise<Contact | null> {
  const record = await store.get(COLLECTION, user);
  return record && decodeRecord(contactRecord, record);
}

export async function readContacts(store: Store): Promise<Contact[]> {
  return decodeSound(contactRecord, await store.range(COLLECTION));
}

export function putContact(contact: Contact): Change {
  return put(COLLECTION, contact.userId, encodeRecord(contact));
}
