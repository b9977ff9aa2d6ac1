import { decodeMlsMessage, encodeMlsMessage, type Decoder, type MLSMessage } from 'ts-mls';
import { equalBytes } from '@wisp/protocol';

/**
 * Decodes `bytes` to the last one; null when they are malformed or more follows. The input is copied first: the
 * library's decoders hand out views of it.
 */
export function decodeWhole<T>(decoder: Decoder<T>, bytes: Uint8Array): T | null {
  const copy = bytes.slice();
  try {
    const decoded = decoder(copy, 0);
    return decoded !== undefined && decoded[1] === copy.length ? decoded[0] : null;
  } catch {
    // Its decoders throw CodecError, RangeError or TypeError, depending on where the bytes end.
    return null;
  }
}

/** An MLSMessage (RFC 9420 §6) in its one encoding, or null. */
export function decodeMessage(bytes: Uint8Array): MLSMessage | null {
  const message = decodeWhole(decodeMlsMessage, bytes);
  return message !== null && encodesTo(() => encodeMlsMessage(message), bytes) ? message : null;
}

/** Lengths have several encodings; only the shortest counts (RFC 9420 §2.1.2). */
export function encodesTo(encode: () => Uint8Array, bytes: Uint8Array): boolean {
  try {
    return equalBytes(encode(), bytes);
  } catch {
    return false;
  }
}
