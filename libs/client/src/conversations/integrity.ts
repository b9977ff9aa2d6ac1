import type { UserId } from '@wisp/protocol';
import { NONE_ABSENT } from './records.js';
import type { AbsentRecord, SenderRecord, TimerRecord } from './records.js';

/*
 * Does the log that this engine is shown hang together (protocol §5)? Pure bookkeeping over what senders sign:
 * their counter n, how many messages they kept, and the newest entry that they had seen.
 */

const NOTHING_SENT = { n: 0, kept: 0, missing: 0, absentBefore: NONE_ABSENT };

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

/** What this engine knows of the log at a sender's message. */
export interface Seen {
  /** This engine was there when the sender began. */
  itsStart: boolean;
  absent: AbsentRecord;
}

/**
 * The next bookkeeping of a sender. Messages that `kept` counts and that never came are `missing`, but for those that
 * were `swept`.
 */
export function countSender(
  before: SenderRecord | undefined,
  traces: SignedTraces,
  seen: Seen,
): { sender: SenderRecord; swept: number } {
  const { user, n, kept, mode } = traces;
  const counted = { user, n, kept, absentBefore: seen.absent };
  // A device that sent before this engine joined: what it kept until then is not ours to count.
  if (before === undefined && !seen.itsStart) return { sender: { ...counted, missing: 0 }, swept: 0 };
  const known = before ?? NOTHING_SENT;
  const gap = Math.max(0, kept - known.kept - (mode === 'none' ? 1 : 0));
  const swept = Math.min(gap, sweptSince(known.absentBefore, seen.absent));
  return { sender: { ...counted, missing: known.missing + gap - swept }, swept };
}

/** A gap in which anything is absent for another reason is not explained: which of the two it was, nobody can tell. */
function sweptSince(before: AbsentRecord, now: AbsentRecord): number {
  return now.other > before.other ? 0 : Math.max(0, now.swept - before.swept);
}

/**
 * A permanent message that came but couldn't be opened is shown as such: it isn't missing. Its header proves nothing,
 * so one that repeats an earlier counter explains nothing. Null: no change.
 */
export function countUnopened(
  before: SenderRecord | undefined,
  header: { n: number; mode: TimerRecord['mode'] },
  seen: { user: UserId; sawItsStart: boolean },
): SenderRecord | null {
  const known = before ?? (seen.sawItsStart ? { ...NOTHING_SENT, user: seen.user } : null);
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
