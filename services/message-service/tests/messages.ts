import {
  encodeBase64url,
  messageHeader,
  type CommitId,
  type ConversationId,
  type DeviceId,
  type MessageHeader,
  type MessageId,
  type Seq,
  type UserId,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';

/** Ids out of the blue. */
export const newUser = () => randomBytes(32).toString('base64url') as UserId;
export const newDevice = () => randomUUID() as DeviceId;
export const newConversation = () => randomUUID() as ConversationId;
export const newCommitId = () => randomUUID() as CommitId;
export const seqOf = (value: number) => value as Seq;

export interface Person {
  readonly user: UserId;
  readonly device: DeviceId;
}
export const newPerson = (): Person => ({ user: newUser(), device: newDevice() });

/** A vector of RFC 9420 §2.1.2. */
function vector(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length < 64) return Buffer.concat([Buffer.of(length), bytes]);
  if (length < 16_384) return Buffer.concat([Buffer.of(0x40 | (length >> 8), length & 0xff), bytes]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE((0x8000_0000 | length) >>> 0);
  return Buffer.concat([head, bytes]);
}

export interface SealedOptions extends Partial<MessageHeader> {
  readonly ciphertextBytes?: number;
  /** What the server sees that isn't a header. */
  readonly authenticatedData?: Uint8Array;
  readonly contentType?: number;
}

/** An MLSMessage as an engine would upload it, its ciphertext random. */
export function sealedMessage(options: SealedOptions): Uint8Array {
  const { ciphertextBytes = 48, contentType = 1, ...fields } = options;
  const header: MessageHeader = {
    n: 1,
    gen: 0,
    messageId: randomUUID() as MessageId,
    lastCommitSeq: seqOf(1),
    mode: 'none',
    ttl: 0,
    wake: true,
    ...fields,
  };
  return Buffer.concat([
    Buffer.of(0, 1, 0, 2),
    vector(randomBytes(16)),
    Buffer.alloc(8),
    Buffer.of(contentType),
    vector(options.authenticatedData ?? messageHeader.encode(pickHeader(header))),
    vector(randomBytes(28)),
    vector(randomBytes(ciphertextBytes)),
  ]);
}

function pickHeader({ n, gen, messageId, lastCommitSeq, mode, ttl, wake }: MessageHeader): MessageHeader {
  return { n, gen, messageId, lastCommitSeq, mode, ttl, wake };
}

export const sealedText = (options: SealedOptions) => encodeBase64url(sealedMessage(options));
