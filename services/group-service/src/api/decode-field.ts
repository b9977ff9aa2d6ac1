import { decodeBase64url } from '@wisp/protocol';
import { refuse, type Refusal } from '@wisp/service-kit';

/** The bytes of a field whose alphabet and length are checked; what is left to refuse is another form of the same. */
export function decodeField(text: string, field: string): Uint8Array | Refusal<'malformed'> {
  try {
    return decodeBase64url(text);
  } catch {
    return refuse('malformed', { field });
  }
}
