import type { StringKey } from '../../strings/index.js';

/**
 * The adversary holds the vault and guesses offline. Argon2id at 128 MiB and three passes moves about 0.8 GB of
 * memory per guess, so a graphics card of 2026 does about a thousand a second; this is ten of them.
 */
const GUESSES_PER_SECOND = 10_000;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

export type Level = 'easy' | 'fair' | 'strong';

export interface GuessTime {
  level: Level;
  /** Lit bars of four. */
  bars: 1 | 2 | 3 | 4;
  /** Words for the time; null when it is longer than anyone would try. */
  time: { key: StringKey; n: number } | null;
}

/** How long the real adversary needs for a password that takes this many guesses. */
export function guessTime(guesses: number): GuessTime {
  const seconds = guesses / GUESSES_PER_SECOND;
  if (seconds >= 100 * YEAR) return { level: 'strong', bars: 4, time: null };
  const time = inWords(seconds);
  if (seconds >= MONTH) return { level: 'fair', bars: 3, time };
  return { level: 'easy', bars: seconds >= HOUR ? 2 : 1, time };
}

function inWords(seconds: number): { key: StringKey; n: number } {
  const in_ = (unit: number) => Math.round(seconds / unit);
  if (seconds < 1) return { key: 'strength.second', n: 0 };
  if (in_(1) < 60) return { key: 'strength.seconds', n: in_(1) };
  if (in_(MINUTE) < 60) return { key: 'strength.minutes', n: in_(MINUTE) };
  if (in_(HOUR) < 24) return { key: 'strength.hours', n: in_(HOUR) };
  if (in_(DAY) < 30) return { key: 'strength.days', n: in_(DAY) };
  if (in_(MONTH) < 12) return { key: 'strength.months', n: in_(MONTH) };
  return { key: 'strength.years', n: in_(YEAR) };
}
