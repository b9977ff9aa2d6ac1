import {
  encodeBase64url,
  messageHeader,
  type CommitId,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type Seq,
  type SessionId,
  type UserId,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';

/** Somebody as a token names them. */
export interface Person {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly session: SessionId;
}

export const newPerson = (): Person => ({
  user: randomBytes(32).toString('base64url') as UserId,
  device: randomUUID() as DeviceId,
  session: randomUUID() as SessionId,
});
export const newConversation = () => randomUUID() as ConversationId;
export const newCommitId = () => randomUUID() as CommitId;
export const seqOf = (value: number) => value as Seq;

/** A vector of RFC 9420 §2.1.2. */
function vector(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length < 64) return Buffer.concat([Buffer.of(length), bytes]);
  if (length < 16_384) return Buffer.concat([Buffer.of(0x40 | (length >> 8), length & 0xff), bytes]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE((0x8000_0000 | length) >>> 0);
  return Buffer.concat([head, bytes]);
}

/** A message as an engine would upload it, its ciphertext random. */
export function sealed({
  n,
  lastCommitSeq = 1,
  bytes = 48,
}: {
  n: number;
  lastCommitSeq?: number;
  bytes?: number;
}): string {
  const header = messageHeader.encode({
    n,
    gen: n - 1,
    messageId: randomUUID() as MessageId,
    lastCommitSeq: seqOf(lastCommitSeq),
    mode: 'none',
    ttl: 0,
    wake: true,
  });
  const parts = [randomBytes(16), Buffer.alloc(8), header, randomBytes(28), randomBytes(bytes)] as const;
  const [group, epoch, data, sender, ciphertext] = parts;
  return encodeBase64url(
    Buffer.concat([
      Buffer.of(0, 1, 0, 2),
      vector(group),
      epoch,
      Buffer.of(1),
      vector(data),
      vector(sender),
      vector(ciphertext),
    ]),
  );
}
