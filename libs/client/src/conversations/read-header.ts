import { CborRefusal, MlsRefusal, readMessageHeader, type MessageHeader } from '@wisp/protocol';

/** What the server and everybody else can read of a message entry; null: it is none. Not authenticated yet. */
export function readHeader(bytes: Uint8Array): MessageHeader | null {
  try {
    return readMessageHeader(bytes).header;
  } catch (error) {
    if (error instanceof MlsRefusal || error instanceof CborRefusal) return null;
    throw error;
  }
}
