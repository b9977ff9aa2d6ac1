import { describe, expect, test } from '@jest/globals';
import { acceptedAfter, isLong, isOldEnough, longerOf, staysOf } from './retention.js';

const DAY = 24 * 60 * 60 * 1000;
const DAYS = 24 * 60 * 60;
const NOW = Date.UTC(2026, 10, 24);
const days = (messages: number, commits = 90) => ({ messages: messages * DAYS, commits: commits * DAYS });

describe('what the server states', () => {
  test('explains nothing before it is stated', () => {
    expect(staysOf(null)).toEqual({ messages: Infinity, commits: 90 * DAY });
  });

  test('counts by its longest: a shorter one explains nothing of what should still be there', () => {
    const first = longerOf(null, days(365));
    expect(longerOf(first, days(1, 1))).toEqual(days(365, 90));
    expect(longerOf(first, undefined)).toEqual(days(365));
    expect(longerOf(first, days(400))).toEqual(days(400));
  });

  test('counts as thirty days where it is less', () => {
    expect(staysOf(days(1, 1))).toEqual({ messages: 30 * DAY, commits: 30 * DAY });
  });
});

describe('when the newest entry was accepted at the earliest', () => {
  const now = { wall: NOW, server: NOW };

  test('by the server’s stamp or by what the sender signed, whichever is later', () => {
    expect(acceptedAfter(0, { acceptedAt: NOW - DAY, sentAt: NOW - 3 * DAY }, now)).toBe(NOW - DAY);
    expect(acceptedAfter(0, { acceptedAt: NOW - 400 * DAY, sentAt: NOW - DAY }, now)).toBe(NOW - DAY);
    expect(acceptedAfter(NOW - DAY, { acceptedAt: NOW - 400 * DAY }, now)).toBe(NOW - DAY);
  });

  test('by the age that the server shows, whatever its clock says, and never in the future', () => {
    const behind = { wall: NOW, server: NOW - 400 * DAY };
    expect(acceptedAfter(0, { acceptedAt: NOW - 401 * DAY }, behind)).toBe(NOW - DAY);
    expect(acceptedAfter(0, { acceptedAt: NOW + DAY, sentAt: NOW + 9 * DAY }, now)).toBe(NOW);
  });

  test('a server whose clock runs ahead makes no signed message older', () => {
    const ahead = { wall: NOW, server: NOW + 400 * DAY };
    expect(acceptedAfter(0, { acceptedAt: NOW, sentAt: NOW }, ahead)).toBe(NOW);
  });
});

describe('what may have been swept', () => {
  const stays = staysOf(days(40));

  test('something of an absence that was longer than the retention, of no other', () => {
    expect(isLong({ lasted: 50 * DAY, stays })).toBe(true);
    expect(isLong({ lasted: 40 * DAY, stays })).toBe(false);
    expect(isLong({ lasted: 5000 * DAY, stays: staysOf(null) })).toBe(false);
  });

  test('nothing that comes after an entry which is younger than the retention', () => {
    expect(isOldEnough(NOW - 41 * DAY, stays, NOW)).toBe(true);
    expect(isOldEnough(NOW - 39 * DAY, stays, NOW)).toBe(false);
  });
});
