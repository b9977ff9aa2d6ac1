import type { MessageId, Seq } from '../ids.js';
import { constant, map } from './map.js';
import { messageId, refuseOddTtl, seq, timerMode, ttlSeconds, type TimerMode } from './parts.js';
import { readPlainHeader } from './read-plain-header.js';
import { boolean, checked, uint, type Shape } from './shape.js';
import { structureOf, type Structure } from './structure.js';

/** The authenticated data of a message (protocol §5): what the server must know of it, in at most 72 bytes. */
export interface MessageHeader {
  /** This device's message counter in this incarnation, from 1, contiguous. */
  n: number;
  /** The sender's MLS generation (RFC 9420 §9.1). */
  gen: number;
  messageId: MessageId;
  lastCommitSeq: Seq;
  mode: TimerMode;
  /** Seconds; 0 exactly when `mode` is `none`. */
  ttl: number;
  /** Deserves a push. */
  wake: boolean;
}

export const MAX_MESSAGE_HEADER_BYTES = 72;

const shape: Shape<MessageHeader> = map({
  v: constant(1, 'unknown-version'),
  kind: constant(1, 'wrong-kind'),
  n: uint(Number.MAX_SAFE_INTEGER, 1),
  gen: uint(0xffff_ffff),
  messageId,
  lastCommitSeq: seq,
  mode: timerMode,
  ttl: ttlSeconds,
  wake: boolean,
});

const whole = structureOf<MessageHeader>(
  'MessageHeader',
  MAX_MESSAGE_HEADER_BYTES,
  checked(shape, refuseOddTtl),
);

export const messageHeader: Structure<MessageHeader> = {
  ...whole,
  // The server reads one for each message: what is plainly right isn't written again to compare it.
  decode: (input) =>
    (input instanceof Uint8Array ? readPlainHeader(input) : undefined) ?? whole.decode(input),
};
