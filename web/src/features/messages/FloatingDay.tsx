import type { VirtualItem } from '@tanstack/react-virtual';
import { useEffect, useState } from 'react';
import { dayLabel } from '../../strings/moments.js';
import type { LeavingRow } from './leaving.js';
import type { Row } from './timeline-rows.js';

const STAYS = 1000;

interface FloatingDayProps {
  rows: (Row | LeavingRow)[];
  items: VirtualItem[];
  scroller: HTMLElement | null;
  now: number;
}

/** While one scrolls: the day of what stands at the top. Decoration; the pills say the same. */
export function FloatingDay({ rows, items, scroller, now }: FloatingDayProps) {
  const [offset, setOffset] = useState<number | null>(null);

  useEffect(() => {
    if (!scroller) return undefined;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let hand = false;
    const byHand = () => {
      hand = true;
    };
    const onScroll = () => {
      // What the timeline does by itself isn't scrolling.
      if (!hand) return;
      setOffset(scroller.scrollTop);
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => {
        hand = false;
        setOffset(null);
      }, STAYS);
    };
    scroller.addEventListener('wheel', byHand, { passive: true });
    scroller.addEventListener('touchmove', byHand, { passive: true });
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      if (timer !== null) clearTimeout(timer);
      scroller.removeEventListener('wheel', byHand);
      scroller.removeEventListener('touchmove', byHand);
      scroller.removeEventListener('scroll', onScroll);
    };
  }, [scroller]);

  if (offset === null) return null;
  const top = items.find((item) => item.end > offset);
  const row = top ? rows[top.index] : undefined;
  // At a day's own pill the copy would stand beside it.
  if (!row || row.kind === 'day') return null;
  const at = timeOf(row);
  return at === null ? null : (
    <p className="day floating" aria-hidden>
      {dayLabel(at, now)}
    </p>
  );
}

function timeOf(row: Row | LeavingRow): number | null {
  switch (row.kind) {
    case 'unread':
    case 'line':
      return null;
    case 'day':
    case 'trace':
      return row.at;
    case 'leaving':
      return row.row.message.at;
    case 'message':
    case 'notice':
      return row.message.at;
  }
}
