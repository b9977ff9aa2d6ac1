import { decodeBase64url, encodeBase64url } from '@wisp/protocol';
import { z } from 'zod';
import { StoreDamaged } from './store.js';

/** Bytes within a record: base64url in its JSON. */
export const recordBytes = z.string().transform((text) => decodeBase64url(text));

/** A value as JSON, its `Uint8Array`s as base64url. */
export function encodeRecord(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? encodeBase64url(part) : part,
  );
  return new TextEncoder().encode(text);
}

/** Throws `StoreDamaged` when the bytes aren't what the schema says. */
export function decodeRecord<Value>(schema: z.ZodType<Value>, bytes: Uint8Array): Value {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new StoreDamaged('a record is not what it should be', { cause });
  }
}
