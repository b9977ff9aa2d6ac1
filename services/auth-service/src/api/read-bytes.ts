import { decodeBase64url } from '@wisp/protocol';
import { refuse, type Refusal } from '@wisp/service-kit';

type Read<Name extends string> = { kind: 'read'; bytes: Record<Name, Uint8Array> } | MalformedBytes;
export interface MalformedBytes {
  kind: 'malformed';
  refusal: Refusal<'malformed'>;
}

/**
 * Decodes fields of a body, keyed by their paths, or their names below `place` (`lastResort.`). Schemas check alphabet and length; the last bits, which a
 * decoder could ignore, are checked here: bytes have one text only.
 */
export function readBytes<const Name extends string>(texts: Record<Name, string>, place = ''): Read<Name> {
  const bytes: Partial<Record<Name, Uint8Array>> = {};
  for (const field of Object.keys(texts) as Name[]) {
    try {
      bytes[field] = decodeBase64url(texts[field]);
    } catch {
      return { kind: 'malformed', refusal: refuse('malformed', { field: place + field }) };
    }
  }
  // Every name was read just now.
  return { kind: 'read', bytes: bytes as Record<Name, Uint8Array> };
}
