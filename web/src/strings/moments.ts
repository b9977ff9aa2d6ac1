import { locale, t } from './index.js';

const DAY = 24 * 60 * 60 * 1000;

const timeFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekdayFormat = new Intl.DateTimeFormat(locale, { weekday: 'long' });
const shortWeekdayFormat = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const dayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' });
const shortDayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const yearDayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });

/** The number of midnights between two moments, by this device's calendar. */
function daysApart(earlier: number, later: number): number {
  const start = (at: number) => {
    const day = new Date(at);
    return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  };
  return Math.round((start(later) - start(earlier)) / DAY);
}

export function isSameDay(a: number, b: number): boolean {
  return daysApart(a, b) === 0;
}

/** 09:43 */
export function timeOfDay(at: number): string {
  return timeFormat.format(at);
}

/** Thursday 26 November, with the year where it isn't this one. */
export function dayInFull(at: number, now: number): string {
  const weekday = weekdayFormat.format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return `${weekday} ${(sameYear ? dayFormat : yearDayFormat).format(at)}`;
}

/** The pill between two days: Today, Yesterday, Saturday, Saturday 14 November. */
export function dayLabel(at: number, now: number): string {
  const apart = daysApart(at, now);
  if (apart === 0) return t('day.today');
  if (apart === 1) return t('day.yesterday');
  if (apart > 1 && apart < 7) return weekdayFormat.format(at);
  return dayInFull(at, now);
}

/** An exact moment inside a sentence: at 10:14; on Sunday 29 November at 18:02. */
export function moment(at: number, now: number): string {
  if (isSameDay(at, now)) return t('moment.at', { time: timeOfDay(at) });
  return t('moment.on', { day: dayInFull(at, now), time: timeOfDay(at) });
}

/** A row's time in the chat list: 09:43, Sun, 12 Nov. */
export function listTime(at: number, now: number): string {
  const apart = daysApart(at, now);
  if (apart <= 0) return timeOfDay(at);
  if (apart < 7) return shortWeekdayFormat.format(at);
  return shortDayFormat.format(at);
}
