import { describe, expect, test } from '@jest/globals';
import { clockView, deadlineOf, serverDeadlineOf, timerFromView, timerView } from './clocks.js';
import type { TimerRecord } from './records.js';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const WEEKS = 28 * DAY;
const AT = 1_800_000_000_000;

const afterSend: TimerRecord = { mode: 'after-send', ttl: 60 };
const afterRead: TimerRecord = { mode: 'after-read', ttl: 60 };
const off: TimerRecord = { mode: 'none', ttl: 0 };

type Timed = Parameters<typeof deadlineOf>[0];
const message = (timer: TimerRecord, change: Partial<Timed> = {}): Timed => ({
  own: false,
  timer,
  sentAt: AT,
  acceptedAt: AT,
  expiresAt: null,
  receivedAt: AT,
  seenAt: null,
  ...change,
});

test('without a timer nothing ever goes', () => {
  expect(deadlineOf(message(off, { seenAt: AT }))).toBeNull();
  expect(serverDeadlineOf(off, AT)).toBeNull();
});

describe('after send: the earliest of', () => {
  test('the server’s deadline', () => {
    expect(deadlineOf(message(afterSend, { expiresAt: AT + 10 }))).toBe(AT + 10);
  });

  test('first received and the timer: a server that dates late lets nothing live longer', () => {
    const late = message(afterSend, { acceptedAt: AT + DAY, expiresAt: AT + DAY + 60 * SECOND });
    expect(deadlineOf(late)).toBe(AT + 60 * SECOND);
  });

  test('the sender’s time, the timer and a day', () => {
    const held = message(afterSend, { acceptedAt: AT + 3 * DAY, receivedAt: AT + 3 * DAY });
    expect(deadlineOf(held)).toBe(AT + 60 * SECOND + DAY);
  });

  test('nothing yet, while it waits for the server', () => {
    expect(deadlineOf(message(afterSend, { own: true, acceptedAt: null }))).toBeNull();
  });

  test('own copies run from acceptance', () => {
    expect(deadlineOf(message(afterSend, { own: true, receivedAt: AT - DAY }))).toBe(AT + 60 * SECOND);
  });
});

describe('after read', () => {
  test('own copies run from acceptance, not from the reader', () => {
    expect(deadlineOf(message(afterRead, { own: true }))).toBe(AT + 60 * SECOND);
  });

  test('others’ run from the first display', () => {
    expect(deadlineOf(message(afterRead, { seenAt: AT + 5 * DAY }))).toBe(AT + 5 * DAY + 60 * SECOND);
  });

  test('unread ones go after four weeks, or with the server’s', () => {
    expect(deadlineOf(message(afterRead))).toBe(AT + WEEKS);
    expect(deadlineOf(message(afterRead, { expiresAt: AT + DAY }))).toBe(AT + DAY);
    expect(serverDeadlineOf(afterRead, AT)).toBe(AT + WEEKS);
  });
});

describe('the ring', () => {
  const shown = (timed: Timed) => clockView({ ...timed, deadline: deadlineOf(timed) });

  test('none without a timer', () => {
    expect(shown(message(off))).toEqual({ kind: 'none' });
  });

  test('waits until it is read, and names the last moment', () => {
    expect(shown(message(afterRead))).toEqual({
      kind: 'waiting',
      ttlSeconds: 60,
      mode: 'afterRead',
      latestAt: AT + WEEKS,
    });
  });

  test('waits without an end, while the server hasn’t got it', () => {
    const waiting = message(afterSend, { own: true, acceptedAt: null });
    expect(shown(waiting)).toEqual({ kind: 'waiting', ttlSeconds: 60, mode: 'afterSend' });
  });

  test('runs from acceptance, or from the first display', () => {
    expect(shown(message(afterSend))).toMatchObject({ kind: 'running', endsAt: AT + 60 * SECOND });
    expect(shown(message(afterRead, { seenAt: AT }))).toMatchObject({ kind: 'running', mode: 'afterRead' });
  });
});

test('a timer is the same on both sides of the face', () => {
  for (const timer of [off, afterSend, afterRead]) expect(timerFromView(timerView(timer))).toEqual(timer);
});
