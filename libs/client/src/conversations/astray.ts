import type { Seq } from '@wisp/protocol';
import type { AstrayRecord, ConversationRecord } from './records.js';

const MINUTE = 60_000;
const FIRST_PAUSE = 10 * MINUTE;
const LONGEST_PAUSE = 24 * 60 * MINUTE;
const FIRST_JITTER = 2_000;
/** Requests that nobody answers before the conversation is begun anew. */
export const MOST_REQUESTS = 2;

/** Its group can't be followed any more: it is read as far as it opens, and nothing is sent. */
export function isAstray(record: ConversationRecord): boolean {
  return record.astray !== null;
}

/**
 * This device fell out of step (protocol §4, Repair). What held sending before holds it again after the repair. With a
 * reason already, that one stays.
 */
export function goAstray(
  record: ConversationRecord,
  why: { reason: AstrayRecord['reason']; badSeq: Seq | null; now: number; random: number },
): ConversationRecord {
  if (record.astray !== null || record.state === 'left') return record;
  const { reason, badSeq, now, random } = why;
  return {
    ...record,
    hold: { kind: reason === 'store-rolled-back' ? 'rolled-back' : 'out-of-step' },
    astray: {
      reason,
      badSeq,
      before: record.hold,
      asked: 0,
      nextAt: Math.floor(now + random * FIRST_JITTER),
      statement: null,
      isTold: false,
    },
  };
}

/** When the next request may go, after `asked` of them: ten minutes at least, doubling, jittered (protocol §4). */
export function nextRequestAt(asked: number, { now, random }: { now: number; random: number }): number {
  const pause = Math.min(FIRST_PAUSE * 2 ** Math.max(0, asked - 1), LONGEST_PAUSE);
  return Math.ceil(now + pause * (1 + random / 2));
}

/** Nothing but its next incarnation helps this conversation: at once, or as soon as there is something to send. */
export function wantRenewal(record: ConversationRecord, urgency: 'urgent' | 'lazy'): ConversationRecord {
  if (record.state !== 'joined') return record;
  const isUrgent = urgency === 'urgent';
  if (record.renewal !== null && (record.renewal.isUrgent || !isUrgent)) return record;
  return { ...record, renewal: { isUrgent, attempts: 0, nextAt: 0 } };
}
