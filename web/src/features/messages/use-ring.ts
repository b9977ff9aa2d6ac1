import type { MessageView } from '@wisp/client';
import { useCallback, useSyncExternalStore } from 'react';
import type { RingFace } from '../../ui/Ring.js';
import { createRingClock, dotsLeft } from './ring-clock.js';
import { serverNow } from './server-clock.js';

const rings = createRingClock({
  now: serverNow,
  setTimer: (act, milliseconds) => setTimeout(act, milliseconds),
  clearTimer: (timer) => {
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
});

document.addEventListener('visibilitychange', () => {
  rings.setAwake(!document.hidden);
});

/** The face of a message's clock, renewed when a dot goes out. */
export function useRing(clock: MessageView['clock']): RingFace | null {
  const running = clock.kind === 'running';
  const endsAt = running ? clock.endsAt : 0;
  const ttlSeconds = running ? clock.ttlSeconds : 0;
  const subscribe = useCallback(
    (notify: () => void) => (running ? rings.join({ endsAt, ttlSeconds }, notify) : () => undefined),
    [running, endsAt, ttlSeconds],
  );
  const lit = useSyncExternalStore(subscribe, () =>
    running ? dotsLeft({ endsAt, ttlSeconds }, serverNow()) : 0,
  );
  if (clock.kind === 'none') return null;
  return running ? { kind: 'dots', lit } : { kind: 'waiting' };
}
