import { expect, test } from '@jest/globals';
import { dayLabel, listTime, moment } from './moments.js';

const now = new Date(2026, 10, 24, 9, 44).getTime();
const on = (day: number, hours = 10, minutes = 5) => new Date(2026, 10, day, hours, minutes).getTime();

test('a moment of today is a time, another one has its day', () => {
  expect(moment(on(24), now)).toBe('at 10:05');
  expect(moment(on(29, 18, 2), now)).toBe('on Sunday 29 November at 18:02');
  expect(moment(new Date(2027, 0, 2, 7, 3).getTime(), now)).toBe('on Saturday 2 January 2027 at 07:03');
});

test('days are called as people call them', () => {
  expect([on(24), on(23), on(21), on(17)].map((at) => dayLabel(at, now))).toEqual([
    'Today',
    'Yesterday',
    'Saturday',
    'Tuesday 17 November',
  ]);
});

test('a minute before midnight was yesterday', () => {
  const midnight = new Date(2026, 10, 24, 0, 0).getTime();
  expect(dayLabel(midnight - 60_000, midnight)).toBe('Yesterday');
});

test('the chat list says a time, a weekday, a date', () => {
  expect([on(24, 9, 43), on(22), on(12)].map((at) => listTime(at, now))).toEqual(['09:43', 'Sun', '12 Nov']);
});
