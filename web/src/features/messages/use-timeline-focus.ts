import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useState, type FocusEvent, type KeyboardEvent } from 'react';
import type { LeavingRow } from './leaving.js';
import type { Row } from './timeline-rows.js';

interface Parts {
  rows: (Row | LeavingRow)[];
  virtual: Virtualizer<HTMLElement, Element>;
  scroller: HTMLElement | null;
  toComposer: () => void;
}

/** One tab stop for the whole timeline; the arrows, Home and End move by message. */
export function useTimelineFocus({ rows, virtual, scroller, toComposer }: Parts) {
  const [focused, setFocused] = useState<string | null>(null);
  const [inside, setInside] = useState(false);
  const ids = rows.filter((row) => row.kind === 'message').map((row) => row.id);
  const stop = focused !== null && ids.includes(focused) ? focused : (ids.at(-1) ?? null);

  const focusRow = (id: string) => {
    const index = rows.findIndex((row) => row.id === id);
    virtual.scrollToIndex(index, { align: 'auto' });
    setFocused(id);
    // A row that was far away is drawn in the next frame.
    requestAnimationFrame(() => {
      scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
    });
  };

  const lost = inside && focused !== null && !ids.includes(focused);
  const [order, setOrder] = useState(ids);
  const heir = lost ? nextAfter(order, focused, ids) : null;
  if (!lost && (order.length !== ids.length || order.some((id, at) => id !== ids[at]))) setOrder(ids);

  useEffect(() => {
    if (!lost) return;
    // The focused message died: the next one takes the focus, else the one before, else the composer.
    if (heir !== null) {
      setFocused(heir);
      scroller
        ?.querySelector<HTMLElement>(`[data-key="${CSS.escape(heir)}"]`)
        ?.focus({ preventScroll: true });
    } else {
      setFocused(null);
      setInside(false);
      toComposer();
    }
  }, [lost, heir, scroller, toComposer]);

  return {
    stop,
    /** The id of the message that died while it had the focus. */
    lost: lost ? focused : null,
    onFocus: (event: FocusEvent) => {
      const key = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset['key'];
      if (key) {
        setFocused(key);
        setInside(true);
      }
    },
    onBlur: (event: FocusEvent) => {
      // Without a goal the element itself has died; the focus isn't the person's to lose.
      if (event.relatedTarget !== null) setInside(event.currentTarget.contains(event.relatedTarget));
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const at = ids.indexOf(stop ?? '');
      const next = { ArrowUp: ids[at - 1], ArrowDown: ids[at + 1], Home: ids[0], End: ids.at(-1) }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        focusRow(next);
      } else if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        toComposer();
      }
    },
  };
}

function nextAfter(order: string[], gone: string, here: string[]): string | null {
  const at = order.indexOf(gone);
  const later = order.slice(at + 1).find((id) => here.includes(id));
  const earlier = order.slice(0, Math.max(0, at)).findLast((id) => here.includes(id));
  return later ?? earlier ?? null;
}
