import type { Timer } from '@wisp/client';
import { inLargestUnit, secondsIn, type Unit } from './timer-words.js';

export const presets = [5, 30, 300, 3600, 28_800, 86_400, 604_800, 2_419_200] as const;

export const SHORTEST = 5;
export const LONGEST = 365 * secondsIn.day;

export type Mode = 'afterRead' | 'afterSend';

/** What stands chosen in the picker, also while a number is half typed. */
export interface TimerChoice {
  mode: Mode;
  time: { kind: 'preset'; seconds: number } | { kind: 'custom' } | { kind: 'off' };
  custom: { typed: string; unit: Unit };
}

/** The picker opens on the timer that holds now. */
export function choiceOf(timer: Timer): TimerChoice {
  const custom: TimerChoice['custom'] = { typed: '3', unit: 'day' };
  if (timer.mode === 'off') return { mode: 'afterRead', time: { kind: 'off' }, custom };
  const { mode, ttlSeconds } = timer;
  if (presets.some((preset) => preset === ttlSeconds)) {
    return { mode, time: { kind: 'preset', seconds: ttlSeconds }, custom };
  }
  const { n, unit } = inLargestUnit(ttlSeconds);
  return { mode, time: { kind: 'custom' }, custom: { typed: String(n), unit } };
}

/** The timer that the choice stands for; null while the typed time isn't one. */
export function timerOf(choice: TimerChoice): Timer | null {
  switch (choice.time.kind) {
    case 'off':
      return { mode: 'off' };
    case 'preset':
      return { mode: choice.mode, ttlSeconds: choice.time.seconds };
    case 'custom': {
      const ttlSeconds = customSeconds(choice.custom);
      return ttlSeconds === null ? null : { mode: choice.mode, ttlSeconds };
    }
  }
}

/** Whole seconds from 5 s to 1 year; null for anything else. */
export function customSeconds({ typed, unit }: TimerChoice['custom']): number | null {
  const n = Number(typed);
  if (typed.trim() === '' || !Number.isInteger(n)) return null;
  const seconds = n * secondsIn[unit];
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : null;
}

const smaller: Record<Unit, Unit> = { wk: 'day', day: 'h', h: 'min', min: 's', s: 'min' };

/** The same time in a neighbouring unit, to check oneself by; null where it doesn't come out even. */
export function inOtherUnit(seconds: number, unit: Unit): { n: number; unit: Unit } | null {
  const other = smaller[unit];
  const n = seconds / secondsIn[other];
  return Number.isInteger(n) ? { n, unit: other } : null;
}
