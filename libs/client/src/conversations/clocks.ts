import type { Clock as ClockView, Timer } from '../face.js';
import type { MessageRecord, TimerRecord } from './records.js';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
/** An after-read message that nobody reads is gone after this (protocol §6). */
const UNREAD_LIMIT = 28 * DAY;
/** How far a sender's clock may shorten a message's life. */
const SENDER_CLOCK_GRACE = DAY;

type Timed = Pick<
  MessageRecord,
  'own' | 'timer' | 'sentAt' | 'acceptedAt' | 'expiresAt' | 'receivedAt' | 'seenAt'
>;

/**
 * When this device deletes its copy (server time, ms), by protocol §6; null: never, or not before the server has
 * it. After send: the earliest of the server's deadline, first received + ttl, the sender's time + ttl + 24 h.
 * After read: own copies at acceptance + ttl; others' at first display + ttl, unread ones at the earlier of the
 * server's deadline and first received + 4 weeks.
 */
export function deadlineOf(message: Timed): number | null {
  const ttl = message.timer.ttl * SECOND;
  switch (message.timer.mode) {
    case 'none':
      return null;
    case 'after-send':
      if (message.acceptedAt === null) return null;
      return Math.min(
        message.expiresAt ?? message.acceptedAt + ttl,
        message.own ? message.acceptedAt + ttl : message.receivedAt + ttl,
        message.sentAt + ttl + SENDER_CLOCK_GRACE,
      );
    case 'after-read': {
      if (message.acceptedAt === null) return null;
      if (message.own) return message.acceptedAt + ttl;
      const unread = Math.min(message.expiresAt ?? Infinity, message.receivedAt + UNREAD_LIMIT);
      return message.seenAt === null ? unread : message.seenAt + ttl;
    }
  }
}

/** Until when the server keeps what it accepted at that moment; its setting may shorten what is after read. */
export function serverDeadlineOf(timer: TimerRecord, acceptedAt: number): number | null {
  switch (timer.mode) {
    case 'none':
      return null;
    case 'after-send':
      return acceptedAt + timer.ttl * SECOND;
    case 'after-read':
      return acceptedAt + UNREAD_LIMIT;
  }
}

/** What the ring shows of a message. */
export function clockView(message: Timed & Pick<MessageRecord, 'deadline'>): ClockView {
  const timer = timerView(message.timer);
  if (timer.mode === 'off') return { kind: 'none' };
  const { mode, ttlSeconds } = timer;
  const isRunning =
    message.acceptedAt !== null && (mode === 'afterSend' || message.own || message.seenAt !== null);
  if (isRunning && message.deadline !== null)
    return { kind: 'running', ttlSeconds, mode, endsAt: message.deadline };
  return {
    kind: 'waiting',
    ttlSeconds,
    mode,
    ...(message.deadline === null ? {} : { latestAt: message.deadline }),
  };
}

/** A timer as the face has it. */
export function timerView(timer: TimerRecord): Timer {
  switch (timer.mode) {
    case 'none':
      return { mode: 'off' };
    case 'after-send':
      return { mode: 'afterSend', ttlSeconds: timer.ttl };
    case 'after-read':
      return { mode: 'afterRead', ttlSeconds: timer.ttl };
  }
}

/** A timer as it goes over the wire. */
export function timerFromView(timer: Timer): TimerRecord {
  switch (timer.mode) {
    case 'off':
      return { mode: 'none', ttl: 0 };
    case 'afterSend':
      return { mode: 'after-send', ttl: timer.ttlSeconds };
    case 'afterRead':
      return { mode: 'after-read', ttl: timer.ttlSeconds };
  }
}
