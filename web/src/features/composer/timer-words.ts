import type { Timer } from '@wisp/client';
import { t } from '../../strings/index.js';

export type Unit = 's' | 'min' | 'h' | 'day' | 'wk';

export const secondsIn: Record<Unit, number> = { s: 1, min: 60, h: 3600, day: 86_400, wk: 604_800 };
const unitsFromLargest: Unit[] = ['wk', 'day', 'h', 'min', 's'];

/** The largest unit that a time fits into without a rest: 5400 s is 90 min, 604,800 s is 1 wk. */
export function inLargestUnit(seconds: number): { n: number; unit: Unit } {
  for (const unit of unitsFromLargest) {
    if (seconds % secondsIn[unit] === 0) return { n: seconds / secondsIn[unit], unit };
  }
  return { n: seconds, unit: 's' };
}

/** 5 min */
export function shortTtl(seconds: number): string {
  const { n, unit } = inLargestUnit(seconds);
  return t(`ttl.short.${unit}`, { n });
}

/** 5 minutes */
export function longTtl(seconds: number): string {
  const { n, unit } = inLargestUnit(seconds);
  return t(`ttl.long.${unit}`, { n });
}

/** 1 h after read; Timer off */
export function shortTimer(timer: Timer): string {
  if (timer.mode === 'off') return t('timer.off');
  return t(timer.mode === 'afterRead' ? 'timer.afterRead' : 'timer.afterSend', {
    ttl: shortTtl(timer.ttlSeconds),
  });
}

/** 1 hour after it is read. `count`: of how many messages. Nothing for a timer that is off. */
export function longTimer(timer: Timer, count: number): string {
  if (timer.mode === 'off') return '';
  return t(timer.mode === 'afterRead' ? 'timer.long.afterRead' : 'timer.long.afterSend', {
    ttl: longTtl(timer.ttlSeconds),
    count,
  });
}

export function isSameTimer(a: Timer, b: Timer): boolean {
  if (a.mode === 'off' || b.mode === 'off') return a.mode === b.mode;
  return a.mode === b.mode && a.ttlSeconds === b.ttlSeconds;
}
