import { describe, expect, test } from '@jest/globals';
import type { ConversationId, Seq, UserId } from '@wisp/protocol';
import { goAstray, nextRequestAt, wantRenewal } from './astray.js';
import { decideAnswer } from './answer-requests.js';
import { isSendingOpen } from './holds.js';
import { newConversationRecord } from './new-record.js';
import { judgeReadiness, mayStillFollow } from './rejoin.js';
import type { ConversationRecord } from './records.js';

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;
const group = 'R3JvdXAtb25lLW9mLXR3bw';
const otherGroup = 'R3JvdXAtdHdvLW9mLXR3bw';

const record = (change: Partial<ConversationRecord> = {}): ConversationRecord => ({
  ...newConversationRecord({
    conversationId: '01900000-0000-7000-8000-000000000001' as ConversationId,
    kind: 'direct',
    incarnation: 1,
    settings: {
      timer: { mode: 'none', ttl: 0 },
      title: '',
      about: '',
      whoMayAdd: 4,
      whoMayEdit: 4,
      whoMayPost: 1,
    },
    state: 'joined',
    self: 'a'.repeat(43) as UserId,
    users: ['a'.repeat(43) as UserId, 'b'.repeat(43) as UserId],
    from: { seq: 7 as Seq, hash: '' },
    now: NOW,
  }),
  standing: { groupId: group, epoch: 3, transcriptHash: '', leafHash: '', state: '' },
  ...change,
});
const why = { reason: 'commit-unreadable', badSeq: 9 as Seq, now: NOW, random: 0 } as const;

describe('falling out of step', () => {
  test('holds sending, and remembers what held it before', () => {
    const before = { kind: 'histories-differ', evidence: 'a gap' } as const;
    const astray = goAstray(record({ hold: before }), why);
    expect(astray.hold).toEqual({ kind: 'out-of-step' });
    expect(astray.astray).toMatchObject({ before, badSeq: 9, asked: 0, nextAt: NOW, statement: null });
    expect(isSendingOpen(astray)).toBe(false);
  });

  test('an older copy of a store says so', () => {
    expect(goAstray(record(), { ...why, reason: 'store-rolled-back' }).hold).toEqual({ kind: 'rolled-back' });
  });

  test('the first reason stays; who has left asks for nothing', () => {
    const first = goAstray(record(), why);
    expect(goAstray(first, { ...why, reason: 'store-damaged' })).toBe(first);
    const left = record({ state: 'left', hold: { kind: 'left' } });
    expect(goAstray(left, why)).toBe(left);
  });
});

test('requests come at least ten minutes apart, doubling, jittered, and once a day at last', () => {
  const pause = (asked: number, random: number) => nextRequestAt(asked, { now: NOW, random }) - NOW;
  expect([1, 2, 3, 4].map((asked) => pause(asked, 0))).toEqual([10, 20, 40, 80].map((m) => m * MINUTE));
  expect(pause(1, 1)).toBe(15 * MINUTE);
  expect(pause(40, 0)).toBe(24 * 60 * MINUTE);
});

describe('a next incarnation is wanted', () => {
  test('once; an urgent wish takes the place of one that isn’t', () => {
    const lazy = wantRenewal(record(), 'lazy');
    expect(lazy.renewal).toEqual({ isUrgent: false, attempts: 0, nextAt: 0 });
    expect(isSendingOpen(lazy)).toBe(false);
    expect(wantRenewal(lazy, 'lazy')).toBe(lazy);
    const urgent = wantRenewal(lazy, 'urgent');
    expect(urgent.renewal).toEqual({ isUrgent: true, attempts: 0, nextAt: 0 });
    expect(wantRenewal(urgent, 'urgent')).toBe(urgent);
  });

  test('never of a conversation that was left', () => {
    const left = record({ state: 'left' });
    expect(wantRenewal(left, 'urgent')).toBe(left);
  });
});

describe('the answer to a verified request', () => {
  const request = { at: NOW, groupId: new TextEncoder().encode('Group-one-of-two') };

  test('a repair, of the group that both are in', () => {
    expect(decideAnswer(record(), request)).toBe('repair');
  });

  test('nothing, where it was asked before the last repair: it is played again', () => {
    expect(decideAnswer(record({ mendedAt: NOW }), request)).toBe('nothing');
  });

  test('nothing, about another group', () => {
    expect(decideAnswer(record(), { ...request, groupId: new Uint8Array(16) })).toBe('nothing');
  });

  test('a new beginning, where this device is out of step as well', () => {
    expect(decideAnswer(goAstray(record(), why), request)).toBe('renew');
  });

  test('nothing more, where a new beginning is under way', () => {
    const renewing = wantRenewal(goAstray(record(), why), 'urgent');
    expect(decideAnswer(renewing, request)).toBe('nothing');
  });
});

describe('a Welcome for a conversation that this device is in', () => {
  test('into its own group: only when it is out of step', () => {
    const own = { seq: 7, groupId: group };
    expect(judgeReadiness(record(), own)).toBe('refused');
    expect(judgeReadiness(goAstray(record(), why), own)).toBe('ready');
  });

  test('into another group: e2ee judges whether it is a next incarnation', () => {
    expect(judgeReadiness(record(), { seq: 7, groupId: otherGroup })).toBe('ready');
  });

  test('what comes before its entry is read first', () => {
    expect(judgeReadiness(record(), { seq: 8, groupId: otherGroup })).toBe('later');
  });

  test('never where this device has left', () => {
    expect(judgeReadiness(record({ state: 'left' }), { seq: 7, groupId: otherGroup })).toBe('refused');
  });
});

test('an own next incarnation that was sent after a Welcome’s entry stays until the log has decided', () => {
  const sent = { opens: 'incarnation', isSent: true, lastCommitSeq: 5 as Seq } as const;
  expect(mayStillFollow(sent, 5)).toBe(true);
  expect(mayStillFollow(sent, 6)).toBe(false);
  expect(mayStillFollow({ ...sent, isSent: false }, 5)).toBe(false);
  expect(mayStillFollow({ ...sent, opens: null }, 5)).toBe(false);
});
