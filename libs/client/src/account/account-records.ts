import { createAccount, deviceId, serverId, timestamp, userId, username } from '@wisp/protocol';
import { z } from 'zod';
import { encodeRecord, decodeRecord, nullIfDamaged, recordBytes } from '../store/record.js';
import { put, remove, type Change, type Store } from '../store/store.js';

/* The account in the store: one collection, one record of each kind. */

const COLLECTION = 'account';

/** Who this is. The identity seed isn't here: it rests in the vault only. */
export const selfRecord = z.object({
  serverId,
  userId,
  username,
  deviceId,
  registeredAt: timestamp,
  signatureKey: z.object({ publicKey: recordBytes, secretKey: recordBytes }),
  certificate: recordBytes,
  /** Opens the vault's `keep`; also what the store's guard is derived from. */
  keepKey: recordBytes,
});
export type SelfRecord = z.output<typeof selfRecord>;

/** A registration that the server may or may not have. A retry sends the same bytes: other ones would be another user. */
const attemptRecord = createAccount.body;
export type AttemptRecord = z.output<typeof attemptRecord>;

/** A recovery key that its owner hasn't shown to have written down. */
const unprovenRecord = z.object({ words: z.array(z.string()).length(12), questions: z.array(z.int()) });
export type UnprovenRecord = z.output<typeof unprovenRecord>;

/** What this device wrote last into the vault's `keep`: its version there, and a digest of the contacts. */
const keepRecord = z.object({ version: z.int().min(1), content: z.string() });
type KeepRecord = z.output<typeof keepRecord>;

interface Records {
  self: SelfRecord;
  attempt: AttemptRecord;
  unproven: UnprovenRecord;
  cookies: string;
  keep: KeepRecord;
}

const schemas: { readonly [Kind in keyof Records]: z.ZodType<Records[Kind]> } = {
  self: selfRecord,
  attempt: attemptRecord,
  unproven: unprovenRecord,
  cookies: z.string(),
  keep: keepRecord,
};

/** Null also where it is damaged: what can't be done without, its reader says. */
export function readAccount<Kind extends keyof Records>(
  store: Store,
  kind: Kind,
): Promise<Records[Kind] | null> {
  return nullIfDamaged(readStored(store, kind));
}

async function readStored<Kind extends keyof Records>(
  store: Store,
  kind: Kind,
): Promise<Records[Kind] | null> {
  const record = await store.get(COLLECTION, kind);
  return record && decodeRecord(schemas[kind], record);
}

export function putAccount<Kind extends keyof Records>(kind: Kind, value: Records[Kind]): Change {
  return put(COLLECTION, kind, encodeRecord(value));
}

export function removeAccount(kind: keyof Records): Change {
  return remove(COLLECTION, kind);
}
