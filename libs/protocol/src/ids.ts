import { z } from 'zod';
import { decodeBase64url, encodeBase64url } from './bytes.js';

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const uuid = () => z.string().regex(uuidText, 'not a lower-case UUID');

/** SHA-256 of an identity key (protocol §2): 32 bytes, 43 base64url characters in JSON. */
export const userId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'not a user id')
  .brand('UserId');
export type UserId = z.infer<typeof userId>;

export const deviceId = uuid().brand('DeviceId');
export type DeviceId = z.infer<typeof deviceId>;

/** A UUIDv7 made by the conversation's creator. */
export const conversationId = uuid().brand('ConversationId');
export type ConversationId = z.infer<typeof conversationId>;

export const commitId = uuid().brand('CommitId');
export type CommitId = z.infer<typeof commitId>;

export const messageId = uuid().brand('MessageId');
export type MessageId = z.infer<typeof messageId>;

/** 16 random bytes, made when a server is installed. */
export const serverId = uuid().brand('ServerId');
export type ServerId = z.infer<typeof serverId>;

export const sessionId = uuid().brand('SessionId');
export type SessionId = z.infer<typeof sessionId>;

/** A place in a conversation's log, from 1; 0 is "before the first entry". */
export const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER).brand('Seq');
export type Seq = z.infer<typeof seq>;

/** 3 to 32 of a-z, 0-9, dot, dash and underscore; begins and ends with a letter or digit. */
export const username = z
  .string()
  .min(3)
  .max(32)
  .regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])$/, 'not a username')
  .brand('Username');
export type Username = z.infer<typeof username>;

/** Times are milliseconds since 1970, UTC. */
export const timestamp = z.int().min(0).max(8.64e15);

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The 16 bytes of a UUID text. Throws `RangeError` on anything else. */
export function uuidToBytes(text: string): Uint8Array {
  if (!uuidText.test(text)) throw new RangeError('not a lower-case UUID');
  const bytes = new Uint8Array(16);
  for (let at = 0, i = 0; i < 16; i += 1, at += 2) {
    if (text[at] === '-') at += 1;
    bytes[i] = Number.parseInt(text.slice(at, at + 2), 16);
  }
  return bytes;
}

/** The UUID text of 16 bytes. The caller names the brand: `uuidFromBytes<DeviceId>(bytes)`. */
export function uuidFromBytes<Id extends string>(bytes: Uint8Array): Id {
  if (bytes.length !== 16) throw new RangeError('a UUID has 16 bytes');
  let text = '';
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += hexOf[bytes[i] ?? 0];
  }
  return text as Id;
}

export function userIdToBytes(id: UserId): Uint8Array {
  return decodeBase64url(id);
}

export function userIdFromBytes(bytes: Uint8Array): UserId {
  if (bytes.length !== 32) throw new RangeError('a user id has 32 bytes');
  return userId.parse(encodeBase64url(bytes));
}

/** The shard of a conversation: the low 12 bits of its id (server §8). */
export function shardOf(conversation: ConversationId): number {
  return Number.parseInt(conversation.slice(-3), 16);
}
