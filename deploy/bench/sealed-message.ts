import { encodeBase64url, messageHeader, type MessageId, type Seq } from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';

/** A body padded to 256 bytes, its signature and the AEAD's tag (protocol §5). */
const CIPHERTEXT_BYTES = 352;
/** The same in each message: making them must not cost the measuring process much, and nobody here compresses. */
const senderData = vector(randomBytes(28));
const ciphertext = vector(randomBytes(CIPHERTEXT_BYTES));
/** Every conversation's newest commit is its first entry. */
const FIRST_COMMIT = 1 as Seq;

/** A PrivateMessage (RFC 9420 §6.3) as the server sees it, with a right header and random ciphertext. */
export function sealedMessage(groupId: Uint8Array, n: number): Uint8Array {
  const header = messageHeader.encode({
    n,
    gen: n - 1,
    messageId: randomUUID() as MessageId,
    lastCommitSeq: FIRST_COMMIT,
    mode: 'none',
    ttl: 0,
    wake: true,
  });
  return Buffer.concat([
    // Version mls10, wire format private message.
    Buffer.of(0, 1, 0, 2),
    vector(groupId),
    // Epoch 1, content type application.
    Buffer.of(0, 0, 0, 0, 0, 0, 0, 1, 1),
    vector(header),
    senderData,
    ciphertext,
  ]);
}

/** A device's message as it travels. */
export function sealedText(groupId: Uint8Array, n: number): string {
  return encodeBase64url(sealedMessage(groupId, n));
}

/** RFC 9420 §2.1.2; none here is longer than 16,383 bytes. */
function vector(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  return length < 64
    ? Buffer.concat([Buffer.of(length), bytes])
    : Buffer.concat([Buffer.of(0x40 | (length >> 8), length & 0xff), bytes]);
}
