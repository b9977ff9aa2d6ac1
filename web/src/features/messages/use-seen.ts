import type { MessageKey } from '@wisp/client';
import { useEffect, useState } from 'react';
import { createSeenTracker } from './seen.js';

interface Watch {
  /** Follows the element of somebody else's message. */
  observe: (element: HTMLElement, key: MessageKey) => () => void;
  /** Is any part of this row on the screen? */
  isOnScreen: (key: string) => boolean;
}

/** Reports each message once it has been looked at: half visible for a second in a focused window. */
export function useSeen(root: HTMLElement | null, onSeen: (keys: MessageKey[]) => void): Watch {
  const [watch] = useState(createWatch);

  useEffect(() => {
    if (!root) return undefined;
    return watch.start(root, onSeen);
  }, [root, onSeen, watch]);

  return watch;
}

function createWatch() {
  const tracker = createSeenTracker();
  const keys = new Map<Element, MessageKey>();
  const onScreen = new Set<string>();
  let observer: IntersectionObserver | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let report: (keys: MessageKey[]) => void = () => undefined;

  const isLooking = () => document.hasFocus() && !document.hidden;
  const schedule = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const due = tracker.nextDue();
    if (due === null || !isLooking()) return;
    timer = setTimeout(
      () => {
        const seen = isLooking() ? tracker.collect(performance.now()) : [];
        if (seen.length > 0) report(seen);
        schedule();
      },
      Math.max(0, due - performance.now()),
    );
  };
  const look = () => {
    tracker.restart(performance.now());
    schedule();
  };
  const onIntersect = (entries: IntersectionObserverEntry[]) => {
    const at = performance.now();
    for (const entry of entries) {
      const key = keys.get(entry.target);
      if (!key) continue;
      if (entry.isIntersecting) onScreen.add(key);
      else onScreen.delete(key);
      if (isHalfVisible(entry)) tracker.appeared(key, at);
      else tracker.vanished(key);
    }
    schedule();
  };

  return {
    start: (root: HTMLElement, onSeen: (keys: MessageKey[]) => void) => {
      report = onSeen;
      observer = new IntersectionObserver(onIntersect, { root, threshold: [0, 0.25, 0.5, 0.75, 1] });
      for (const element of keys.keys()) observer.observe(element);
      window.addEventListener('focus', look);
      window.addEventListener('blur', look);
      document.addEventListener('visibilitychange', look);
      return () => {
        observer?.disconnect();
        observer = null;
        if (timer !== null) clearTimeout(timer);
        window.removeEventListener('focus', look);
        window.removeEventListener('blur', look);
        document.removeEventListener('visibilitychange', look);
      };
    },
    observe: (element: HTMLElement, key: MessageKey) => {
      keys.set(element, key);
      observer?.observe(element);
      return () => {
        keys.delete(element);
        onScreen.delete(key);
        tracker.vanished(key);
        observer?.unobserve(element);
      };
    },
    isOnScreen: (key: string) => onScreen.has(key),
  };
}

function isHalfVisible({ intersectionRatio, intersectionRect, rootBounds }: IntersectionObserverEntry) {
  if (intersectionRatio >= 0.5) return true;
  return rootBounds !== null && intersectionRect.height >= rootBounds.height / 2;
}
