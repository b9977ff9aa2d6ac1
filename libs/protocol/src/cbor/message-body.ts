import { constant, map, optional, type MapValue } from './map.js';
import {
  editContent,
  emptyContent,
  fileContent,
  messageTarget,
  profileContent,
  reactionContent,
  readMarkContent,
  textContent,
  type EditContent,
  type EmptyContent,
  type FileContent,
  type MessageTarget,
  type ProfileContent,
  type ReactionContent,
  type ReadMarkContent,
  type TextContent,
} from './message-content.js';
import { checkPadding, MAX_BODY_BYTES, padItem } from './padding.js';
import { logHead, timestamp, type LogHead } from './parts.js';
import { CborRefusal } from './refusal.js';
import { bytes, uint, type CborValue, type Shape } from './shape.js';
import { decodeItem, encodeItem } from './structure.js';

/** What every message says beside its content (protocol §5). */
export interface MessageFrame {
  /** Milliseconds since 1970, by the sender. */
  sentAt: number;
  /** The newest entry that the sender had seen. */
  head: LogHead;
  /** How many mode-0 messages, with this one, the device has sent in this incarnation. */
  kept: number;
  /** The version of the author's device list. */
  listVersion: number;
}

export type MessageMatter =
  | { type: 'text'; content: TextContent }
  | { type: 'edit'; target: MessageTarget; content: EditContent }
  | { type: 'delete'; target: MessageTarget; content: EmptyContent }
  | { type: 'reaction'; target: MessageTarget; content: ReactionContent }
  /** The target is the newest message that was read. */
  | { type: 'receipt'; target: MessageTarget; content: EmptyContent }
  | { type: 'joined'; content: EmptyContent }
  | { type: 'profile'; content: ProfileContent }
  | { type: 'file'; content: FileContent }
  | { type: 'read-mark'; content: ReadMarkContent }
  /** A type of a later version (10 to 63) or of an application (64 and above), kept as it came. */
  | { type: 'other'; number: number; target?: MessageTarget; content: Uint8Array };

/** The plaintext of a message. */
export type MessageBody = MessageFrame & MessageMatter;

type KnownType = Exclude<MessageMatter['type'], 'other'>;

interface KnownMatter {
  number: number;
  targeted: boolean;
  content: Shape<unknown>;
}

const known: Readonly<Record<KnownType, KnownMatter>> = {
  text: { number: 1, targeted: false, content: textContent },
  edit: { number: 2, targeted: true, content: editContent },
  delete: { number: 3, targeted: true, content: emptyContent },
  reaction: { number: 4, targeted: true, content: reactionContent },
  receipt: { number: 5, targeted: true, content: emptyContent },
  joined: { number: 6, targeted: false, content: emptyContent },
  profile: { number: 7, targeted: false, content: profileContent },
  file: { number: 8, targeted: false, content: fileContent },
  'read-mark': { number: 9, targeted: false, content: readMarkContent },
};
const byNumber = new Map(
  Object.entries(known).map(([type, matter]) => [matter.number, { type, matter }] as const),
);
const LAST_KNOWN = 9;

/** The first number that is free for applications. */
export const FIRST_FREE_MESSAGE_TYPE = 64;

const wireFields = {
  v: constant(1, 'unknown-version'),
  type: uint(0xffff, 1),
  sentAt: timestamp,
  head: logHead,
  kept: uint(),
  listVersion: uint(0xffff_ffff, 1),
  target: optional(messageTarget),
  content: bytes(MAX_BODY_BYTES),
} as const;
const wireMap = map(wireFields);
type WireBody = MapValue<typeof wireFields>;

const NAME = 'MessageBody';
const CONTENT = `${NAME}.content`;

const shape: Shape<MessageBody> = {
  write: (body, at) => wireMap.write(toWire(body, at), at),
  read: (raw, at) => fromWire(wireMap.read(raw, at), at),
};

function toWire(body: MessageBody, at: string): WireBody {
  const { sentAt, head, kept, listVersion } = body;
  const target = 'target' in body && body.target !== undefined ? { target: body.target } : {};
  const frame = { sentAt, head, kept, listVersion, ...target };
  if (body.type === 'other') {
    if (body.number <= LAST_KNOWN) throw new CborRefusal('inconsistent', `${at}.type`);
    return { ...frame, type: body.number, content: body.content };
  }
  const matter = Object.hasOwn(known, body.type) ? known[body.type] : undefined;
  if (matter === undefined) throw new CborRefusal('out-of-range', `${at}.type`);
  refuseOddTarget(matter, frame.target, at);
  const item: CborValue = matter.content.write(body.content, CONTENT);
  return { ...frame, type: matter.number, content: encodeItem(item, CONTENT) };
}

function fromWire(wire: WireBody, at: string): MessageBody {
  const { type: number, content, target, ...frame } = wire;
  const entry = byNumber.get(number);
  const targeted = target === undefined ? {} : { target };
  if (entry === undefined) return { ...frame, ...targeted, type: 'other', number, content };
  refuseOddTarget(entry.matter, target, at);
  const { value, rest } = decodeItem(entry.matter.content, content, CONTENT);
  if (rest.length > 0) throw new CborRefusal('trailing-bytes', CONTENT);
  // The table pairs each type with the shape of its content and with whether it has a target.
  return { ...frame, ...targeted, type: entry.type, content: value } as MessageBody;
}

function refuseOddTarget(matter: KnownMatter, target: MessageTarget | undefined, at: string): void {
  if (matter.targeted === (target !== undefined)) return;
  throw new CborRefusal(matter.targeted ? 'missing-key' : 'unknown-key', `${at}.target`);
}

/**
 * Encodes a body and pads it with zeros to 256, 512, 1k, 2k, 4k, 8k, 16k, 32k or 60k bytes.
 * Throws `CborRefusal`, `too-large` when it fits no bucket.
 */
export function encodeMessageBody(body: MessageBody): Uint8Array {
  return padItem(encodeItem(shape.write(body, NAME), NAME), NAME);
}

/** Decodes a padded body; throws `CborRefusal` on anything that `encodeMessageBody` wouldn't have written. */
export function decodeMessageBody(padded: Uint8Array): MessageBody {
  if (!(padded instanceof Uint8Array)) throw new CborRefusal('wrong-type', NAME);
  if (padded.length > MAX_BODY_BYTES) throw new CborRefusal('too-large', NAME);
  const { value, rest } = decodeItem(shape, padded, NAME);
  checkPadding(padded, rest, NAME);
  return value;
}
