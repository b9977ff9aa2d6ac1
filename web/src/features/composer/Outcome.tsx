import type { Timer } from '@wisp/client';
import { dayInFull, timeOfDay } from '../../strings/moments.js';
import { rich, t } from '../../strings/index.js';
import { Ring } from '../../ui/Ring.js';
import { longTtl } from './timer-words.js';

const HOUR = 3600;

/** What the chosen timer does, in one sentence; over an hour with the exact date. */
export function Outcome({ timer, name, now }: { timer: Timer | null; name: string; now: number }) {
  return (
    <p className="outcome" role="status">
      <Ring face={{ kind: timer?.mode === 'off' ? 'empty' : 'full' }} />
      <span>{timer ? sentence(timer, name, now) : t('picker.custom.outside')}</span>
    </p>
  );
}

function sentence(timer: Timer, name: string, now: number) {
  if (timer.mode === 'off') return t('picker.outcome.off');
  const ends = now + timer.ttlSeconds * 1000;
  const values = {
    name,
    ttl: longTtl(timer.ttlSeconds),
    day: dayInFull(ends, now),
    time: timeOfDay(ends),
    b: (parts: React.ReactNode[]) => (
      <b className="font-strong" key="b">
        {parts}
      </b>
    ),
  };
  const long = timer.ttlSeconds > HOUR;
  if (timer.mode === 'afterRead') {
    return rich(long ? 'picker.outcome.afterReadLong' : 'picker.outcome.afterRead', values);
  }
  return rich(long ? 'picker.outcome.afterSendLong' : 'picker.outcome.afterSend', values);
}
