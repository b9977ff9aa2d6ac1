import type { MessageKey } from '@wisp/client';

/** A message counts as seen after this long at half its height, or filling half the window. */
export const SEEN_AFTER = 1000;

/** Which messages have been in view for long enough. Times are monotonic milliseconds. */
export function createSeenTracker() {
  const since = new Map<MessageKey, number>();
  const reported = new Set<MessageKey>();

  return {
    appeared: (key: MessageKey, at: number) => {
      if (!since.has(key) && !reported.has(key)) since.set(key, at);
    },
    vanished: (key: MessageKey) => {
      since.delete(key);
    },
    /** The window lost its focus: nobody is looking, so the second starts anew for all of them. */
    restart: (at: number) => {
      for (const key of since.keys()) since.set(key, at);
    },
    /** Those that are due, each once. */
    collect: (at: number): MessageKey[] => {
      const due = [...since].filter(([, from]) => at - from >= SEEN_AFTER).map(([key]) => key);
      for (const key of due) {
        since.delete(key);
        reported.add(key);
      }
      return due;
    },
    /** When the next one is due; null while nothing is in view. */
    nextDue: (): number | null => (since.size === 0 ? null : Math.min(...since.values()) + SEEN_AFTER),
  };
}
