import { describe, expect, test } from '@jest/globals';
import type { UserId } from '@wisp/protocol';
import { checkHead, countSender, countUnopened, explainMissing } from './integrity.js';
import type { SenderRecord } from './records.js';

const user = 'a'.repeat(43) as UserId;
const hash = (byte: number) => new Uint8Array(32).fill(byte);
const sender = (change: Partial<SenderRecord> = {}): SenderRecord => ({
  user,
  n: 5,
  kept: 3,
  missing: 0,
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

describe('how many messages a sender kept', () => {
  test('the next one explains itself', () => {
    expect(countSender(sender(), traces(), true)).toEqual(sender({ n: 6, kept: 4 }));
  });

  test('one that had a timer changes nothing', () => {
    const timed = traces({ mode: 'after-send', kept: 3 });
    expect(countSender(sender(), timed, true)).toEqual(sender({ n: 6 }));
  });

  test('a gap of n alone is no gap: what expired is gone', () => {
    expect(countSender(sender(), traces({ n: 40 }), true).missing).toBe(0);
  });

  test('a jump is missing, and adds up', () => {
    const first = countSender(sender(), traces({ kept: 6 }), true);
    expect(first.missing).toBe(2);
    expect(countSender(first, traces({ n: 7, kept: 8 }), true).missing).toBe(3);
  });

  test('a valid delete explains one, and never more than are missing', () => {
    expect(explainMissing(sender({ missing: 2 })).missing).toBe(1);
    expect(explainMissing(sender()).missing).toBe(0);
  });

  test('a sender who was there before this device is counted from the first message on', () => {
    expect(countSender(undefined, traces({ kept: 50 }), false)).toEqual(sender({ n: 6, kept: 50 }));
    expect(countSender(undefined, traces({ kept: 50 }), true).missing).toBe(49);
  });
});

describe('a message that came and didn’t open', () => {
  const seen = { user, kind: 'direct' as const };

  test('isn’t missing', () => {
    expect(countUnopened(sender(), { n: 6, mode: 'none' }, seen)).toEqual(sender({ kept: 4 }));
  });

  test('explains nothing with an earlier counter, or with a timer', () => {
    expect(countUnopened(sender(), { n: 5, mode: 'none' }, seen)).toBeNull();
    expect(countUnopened(sender(), { n: 6, mode: 'after-read' }, seen)).toBeNull();
  });

  test('counts from the start in a direct conversation; in a group the start wasn’t seen', () => {
    expect(countUnopened(undefined, { n: 1, mode: 'none' }, seen)).toEqual(sender({ n: 0, kept: 1 }));
    expect(countUnopened(undefined, { n: 1, mode: 'none' }, { ...seen, kind: 'group' })).toBeNull();
  });
});
