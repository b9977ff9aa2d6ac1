import { describe, expect, test } from '@jest/globals';
import type { UserId } from '@wisp/protocol';
import { checkHead, countSender, countUnopened, explainMissing } from './integrity.js';
import { NONE_ABSENT, type AbsentRecord, type SenderRecord } from './records.js';

const user = 'a'.repeat(43) as UserId;
const hash = (byte: number) => new Uint8Array(32).fill(byte);
const sender = (change: Partial<SenderRecord> = {}): SenderRecord => ({
  user,
  n: 5,
  kept: 3,
  missing: 0,
  absentBefore: NONE_ABSENT,
  ...change,
});
const traces = (change: Partial<Parameters<typeof countSender>[1]> = {}) => ({
  user,
  n: 6,
  kept: 4,
  mode: 'none' as const,
  head: { seq: 1, hash: hash(1) },
  ...change,
});

describe('the head that a sender names', () => {
  test('agrees with what was walked', () => {
    expect(checkHead({ seq: 3, hash: hash(1) }, 4, hash(1))).toEqual({ kind: 'agrees' });
  });

  test('differs: another entry stood there', () => {
    expect(checkHead({ seq: 3, hash: hash(1) }, 4, hash(2))).toEqual({ kind: 'differs', why: 'hash' });
  });

  test('lies: nothing can have been seen at or above its own place', () => {
    const lie = { kind: 'differs', why: 'not-before-itself' };
    expect(checkHead({ seq: 4, hash: hash(1) }, 4, null)).toEqual(lie);
    expect(checkHead({ seq: 9, hash: hash(1) }, 4, hash(1))).toEqual(lie);
  });

  test('says nothing where this device never held a hash', () => {
    expect(checkHead({ seq: 3, hash: hash(1) }, 4, null)).toEqual({ kind: 'unknown' });
  });
});

const seen = (absent: AbsentRecord = NONE_ABSENT) => ({ itsStart: true, absent });
const count = (before: SenderRecord | undefined, next: ReturnType<typeof traces>, itsStart = true) =>
  countSender(before, next, { ...seen(), itsStart }).sender;

describe('how many messages a sender kept', () => {
  test('the next one explains itself', () => {
    expect(count(sender(), traces())).toEqual(sender({ n: 6, kept: 4 }));
  });

  test('one that had a timer changes nothing', () => {
    const timed = traces({ mode: 'after-send', kept: 3 });
    expect(count(sender(), timed)).toEqual(sender({ n: 6 }));
  });

  test('a gap of n alone is no gap: what expired is gone', () => {
    expect(count(sender(), traces({ n: 40 })).missing).toBe(0);
  });

  test('a jump is missing, and adds up', () => {
    const first = count(sender(), traces({ kept: 6 }));
    expect(first.missing).toBe(2);
    expect(count(first, traces({ n: 7, kept: 8 })).missing).toBe(3);
  });

  test('a valid delete explains one, and never more than are missing', () => {
    expect(explainMissing(sender({ missing: 2 })).missing).toBe(1);
    expect(explainMissing(sender()).missing).toBe(0);
  });

  test('a sender who was there before this device is counted from the first message on', () => {
    expect(count(undefined, traces({ kept: 50 }), false)).toEqual(sender({ n: 6, kept: 50 }));
    expect(count(undefined, traces({ kept: 50 })).missing).toBe(49);
  });
});

describe('a jump, where the stated retention may have swept', () => {
  test('is explained as far as there was room for it in the log', () => {
    const absent = { swept: 2, other: 0 };
    const enough = countSender(sender(), traces({ kept: 6 }), seen(absent));
    expect(enough).toEqual({ sender: sender({ n: 6, kept: 6, absentBefore: absent }), swept: 2 });
    expect(countSender(sender(), traces({ kept: 9 }), seen(absent))).toMatchObject({
      sender: { missing: 3 },
      swept: 2,
    });
  });

  test('is explained once: what one message has told of is told', () => {
    const absent = { swept: 5, other: 0 };
    const { sender: first } = countSender(sender(), traces({ kept: 6 }), seen(absent));
    expect(countSender(first, traces({ n: 7, kept: 9 }), seen(absent))).toMatchObject({
      sender: { missing: 2 },
      swept: 0,
    });
  });

  test('stays missing where anything went by before this device’s eyes in the same gap', () => {
    const absent = { swept: 5, other: 1 };
    expect(countSender(sender(), traces({ kept: 6 }), seen(absent)).sender.missing).toBe(2);
    const since = sender({ absentBefore: { swept: 0, other: 1 } });
    expect(countSender(since, traces({ kept: 6 }), seen(absent)).sender.missing).toBe(0);
  });

  test('covers a sender of whom nothing was seen, as long as their start was there to be seen', () => {
    const absent = { swept: 49, other: 0 };
    expect(countSender(undefined, traces({ kept: 50 }), seen(absent)).sender.missing).toBe(0);
  });
});

describe('a message that came and didn’t open', () => {
  const seen = { user, sawItsStart: true };

  test('isn’t missing', () => {
    expect(countUnopened(sender(), { n: 6, mode: 'none' }, seen)).toEqual(sender({ kept: 4 }));
  });

  test('explains nothing with an earlier counter, or with a timer', () => {
    expect(countUnopened(sender(), { n: 5, mode: 'none' }, seen)).toBeNull();
    expect(countUnopened(sender(), { n: 6, mode: 'after-read' }, seen)).toBeNull();
  });

  test('counts from the start in a direct conversation; in a group the start wasn’t seen', () => {
    expect(countUnopened(undefined, { n: 1, mode: 'none' }, seen)).toEqual(sender({ n: 0, kept: 1 }));
    expect(countUnopened(undefined, { n: 1, mode: 'none' }, { ...seen, sawItsStart: false })).toBeNull();
  });
});
