import { decodeBase64url, encodeBase64url } from '@wisp/protocol';
import { z } from 'zod';
import { StoreDamaged, type StoredRecord } from './store.js';

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
  const parsed = schema.safeParse(parse(bytes));
  if (!parsed.success) throw new StoreDamaged('a record is not what it should be', { cause: parsed.error });
  return parsed.data;
}

/** Those of a range that open and are what the schema says. */
export function decodeSound<Value>(schema: z.ZodType<Value>, records: readonly StoredRecord[]): Value[] {
  return records.flatMap(({ value }) => {
    if (value === null) return [];
    const parsed = schema.safeParse(parse(value));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Undefined: no JSON. */
export function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Null also for what is damaged: it is fetched or made again. */
export async function nullIfDamaged<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}
