import { z } from 'zod';

export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly field: string };

/** JSON as UTF-8. Throws on what JSON can't carry. */
export function encodeMessage(payload: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(payload), 'utf8');
}

/** Never throws: what isn't JSON, or isn't of the schema, names the first field that is wrong. */
export function decodeMessage<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
): Decoded<z.output<Schema>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return { ok: false, field: '(json)' };
  }
  return check(schema, parsed);
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): Decoded<z.output<Schema>> {
  try {
    const result = schema.safeParse(value);
    if (result.success) return { ok: true, value: result.data };
    return { ok: false, field: result.error.issues[0]?.path.join('.') || '(root)' };
  } catch {
    // A refinement that throws instead of refusing.
    return { ok: false, field: '(schema)' };
  }
}

const replyEnvelope = z.union([
  z.strictObject({ ok: z.unknown() }),
  z.strictObject({ error: z.enum(['bad-request', 'unavailable']), field: z.string().optional() }),
]);

export type Reply = { readonly ok: unknown } | { readonly error: RemoteErrorCode; readonly field?: string };
export type RemoteErrorCode = 'bad-request' | 'unavailable';

export type DecodedReply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'error'; readonly error: RemoteErrorCode; readonly field: string | undefined }
  | { readonly kind: 'malformed'; readonly field: string };

export function decodeReply<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
): DecodedReply<z.output<Schema>> {
  const envelope = decodeMessage(replyEnvelope, bytes);
  if (!envelope.ok) return { kind: 'malformed', field: envelope.field };
  const reply = envelope.value;
  if ('error' in reply) return { kind: 'error', error: reply.error, field: reply.field };
  const result = check(schema, reply.ok);
  return result.ok ? { kind: 'ok', value: result.value } : { kind: 'malformed', field: result.field };
}
