import { useEffect, useState } from 'react';
import { nextLeaving, withLeaving, type LeavingRow } from './leaving.js';
import type { Row } from './timeline-rows.js';

/** Longer than dissolving and closing together: what an animation forgets is taken out of the page regardless. */
const AT_MOST = 900;

/** The rows to draw: those of the timeline, and for a moment those that dissolve out of it. */
export function useLeaving(rows: Row[], isOnScreen: (id: string) => boolean) {
  const [seen, setSeen] = useState(rows);
  const [leaving, setLeaving] = useState<LeavingRow[]>([]);
  const [order, setOrder] = useState<string[]>(() => rows.map((row) => row.id));

  let shown = leaving;
  let stood = order;
  if (seen !== rows) {
    shown = document.hidden ? [] : nextLeaving({ before: seen, after: rows, leaving, isOnScreen });
    // While something leaves, the order that it stood in is kept; else it follows the rows.
    stood = withLeaving(rows, shown, order).map((row) => row.id);
    setSeen(rows);
    setLeaving(shown);
    setOrder(stood);
  }

  useEffect(() => {
    if (leaving.length === 0) return undefined;
    const clear = () => {
      setLeaving([]);
    };
    const timer = setTimeout(clear, AT_MOST);
    document.addEventListener('visibilitychange', clear);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', clear);
    };
  }, [leaving]);

  return {
    rows: withLeaving(rows, shown, stood),
    left: (id: string) => {
      setLeaving((all) => all.filter((row) => row.id !== id));
    },
  };
}
