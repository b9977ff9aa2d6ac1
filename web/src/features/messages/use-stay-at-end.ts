import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect } from 'react';

/** When the window or the composer changes its height, who stood at the newest message stays there. */
export function useStayAtEnd(scroller: HTMLElement | null, virtual: Virtualizer<HTMLElement, Element>): void {
  useEffect(() => {
    if (!scroller) return undefined;
    let atEnd = true;
    const look = () => {
      atEnd = virtual.isAtEnd(virtual.options.scrollEndThreshold);
    };
    const observer = new ResizeObserver(() => {
      if (atEnd) virtual.scrollToEnd();
    });
    look();
    observer.observe(scroller);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', look);
    };
  }, [scroller, virtual]);
}
