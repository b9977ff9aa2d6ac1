import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { ONE_PANE } from './use-media.js';

/** On one pane another route is another page: focus goes to its heading. On wide panes nothing moves. */
export function usePaneFocus(): void {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (!matchMedia(ONE_PANE).matches) return;
    const headings = document.querySelectorAll<HTMLElement>('[data-pane-heading]');
    [...headings].find((heading) => heading.offsetParent !== null)?.focus();
  }, [pathname]);
}
