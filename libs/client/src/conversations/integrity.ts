import type { UserId } from '@wisp/protocol';
import type { ConversationRecord, SenderRecord, TimerRecord } from './records.js';

/*
 * Does the log that this engine is shown hang together (protocol §5)? Pure bookkeeping over what senders sign:
 * their counter n, how many messages they kept, and the newest entry that they had seen.
 */

export interface SignedTraces {
  user: UserId;
  n: number;
  /** Mode-0 messages that the device has sent in this incarnation, with this one. */
  kept: number;
  mode: TimerRecord['mode'];
  head: { seq: number; hash: Uint8Array };
}

export type HeadVerdict =
  { kind: 'agrees' } | { kind: 'unknown' } | { kind: 'differs'; why: 'hash' | 'not-before-itself' };

/** Compares the head that a sender names with what this engine holds of that seq. */
export function checkHead(head: SignedTraces['head'], ownSeq: number, held: Uint8Array | null): HeadVerdict {
  if (head.seq >= ownSeq) return { kind: 'differs', why: 'not-before-itself' };
  if (held === null) return { kind: 'unknown' };
  return sameBytes(head.hash, held) ? { kind: 'agrees' } : { kind: 'differs', why: 'hash' };
}

/** The next bookkeeping of a sender. Messages that `kept` counts and that never came are `missing`. */
export function countSender(
  before: SenderRecord | undefined,
  traces: SignedTraces,
  sawItsStart: boolean,
): SenderRecord {
  const keptOfThis = traces.mode === 'none' ? 1 : 0;
  // A device that sent before this engine joined: what it kept until then is not ours to count.
  if (before === undefined && !sawItsStart)
    return { user: traces.user, n: traces.n, kept: traces.kept, missing: 0 };
  const known = before ?? { n: 0, kept: 0, missing: 0 };
  return {
    user: traces.user,
    n: traces.n,
    kept: traces.kept,
    missing: known.missing + Math.max(0, traces.kept - known.kept - keptOfThis),
  };
}

/**
 * A permanent message that came but couldn't be opened is shown as such: it isn't missing. Its header proves nothing,
 * so one that repeats an earlier counter explains nothing. Null: no change.
 */
export function countUnopened(
  before: SenderRecord | undefined,
  header: { n: number; mode: TimerRecord['mode'] },
  seen: { user: UserId; kind: ConversationRecord['kind'] },
): SenderRecord | null {
  // In a direct conversation everybody's first message was there to be seen.
  const known = before ?? (seen.kind === 'direct' ? { user: seen.user, n: 0, kept: 0, missing: 0 } : null);
  if (known === null || header.mode !== 'none' || header.n <= known.n) return null;
  return { ...known, kept: known.kept + 1 };
}

/** A valid delete explains one missing message of its author. */
export function explainMissing(sender: SenderRecord): SenderRecord {
  return { ...sender, missing: Math.max(0, sender.missing - 1) };
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
