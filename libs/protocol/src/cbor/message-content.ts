import type { ConversationId, MessageId, UserId } from '../ids.js';
import { map, optional } from './map.js';
import { conversationId, hash, messageId, timestamp, userId } from './parts.js';
import { CborRefusal } from './refusal.js';
import { array, bytes, checked, fixedBytes, text, uint, type Shape } from './shape.js';
import { statement, type Statement } from './statement.js';

/*
 * The content of each known message type (protocol §5). On the wire it is a byte string that holds one CBOR
 * map without a version of its own, so that a reader can keep a content that it doesn't know.
 */

/** Names a message within its conversation. */
export interface MessageTarget {
  author: UserId;
  messageId: MessageId;
}
export const messageTarget: Shape<MessageTarget> = map({ author: userId, messageId });

/** A reference and an excerpt that dies with the target. */
export interface Quote extends MessageTarget {
  /** At most 120 characters of the target's text. */
  excerpt: string;
}

export const MAX_EXCERPT_CHARACTERS = 120;
/** So that any text fits the largest bucket: a character takes at most four bytes. */
export const MAX_TEXT_CHARACTERS = 14_000;
const quote: Shape<Quote> = map({ author: userId, messageId, excerpt: text(MAX_EXCERPT_CHARACTERS) });

export interface TextContent {
  text: string;
  quote?: Quote;
}
export const textContent: Shape<TextContent> = map({
  text: text(MAX_TEXT_CHARACTERS, 1),
  quote: optional(quote),
});

/** The whole new text of the target; its quote stays. */
export interface EditContent {
  text: string;
}
export const editContent: Shape<EditContent> = map({ text: text(MAX_TEXT_CHARACTERS, 1) });

/** `emoji` replaces the author's reaction to the target; absent, it takes it back. */
export interface ReactionContent {
  emoji?: string;
}
export const reactionContent: Shape<ReactionContent> = map({ emoji: optional(text(16, 1)) });

/** delete, receipt and joined say all in target and head. */
export type EmptyContent = Record<never, never>;
export const emptyContent: Shape<EmptyContent> = map({});

/** A `profile` statement, whole. */
export interface ProfileContent {
  profile: Statement;
}
export const profileContent: Shape<ProfileContent> = checked(
  map({ profile: statement.shape }),
  (content, at) => {
    if (content.profile.type !== 'profile') throw new CborRefusal('wrong-kind', `${at}.profile`);
  },
);

/** How to fetch, check, open and show an attachment. */
export interface FileContent {
  /** 16 bytes: its name at message-service. */
  attachmentId: Uint8Array;
  /** Seals the attachment; used for no other. */
  key: Uint8Array;
  /** SHA-256 of the ciphertext. */
  digest: Uint8Array;
  /** Length of the plaintext. */
  size: number;
  name: string;
  mediaType: string;
  caption?: string;
  /** Only for what has an extent: in pixels, in ms. */
  extent?: { width: number; height: number; duration: number };
  /** A small encoded picture. */
  preview?: Uint8Array;
  quote?: Quote;
}
const extent = map({ width: uint(0xffff), height: uint(0xffff), duration: uint(0xffff_ffff) });
export const fileContent: Shape<FileContent> = map({
  attachmentId: fixedBytes(16),
  key: fixedBytes(32),
  digest: hash,
  size: uint(),
  name: text(255, 1),
  mediaType: text(127, 1),
  caption: optional(text(4000, 1)),
  extent: optional(extent),
  preview: optional(bytes(16 * 1024, 1)),
  quote: optional(quote),
});

/** In the self conversation: what this user has read, for the siblings; the earliest display wins. */
export interface ReadMarkContent {
  conversationId: ConversationId;
  /** When each message was first displayed, by the server's clock. */
  shown: (MessageTarget & { at: number })[];
}
export const readMarkContent: Shape<ReadMarkContent> = map({
  conversationId,
  shown: array(map({ author: userId, messageId, at: timestamp }), 200, 1),
});
