import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { ArrowLeft, X } from 'lucide-react';
import { t } from '../../strings/index.js';
import { IconButton } from '../../ui/IconButton.js';

interface DetailsPaneProps {
  title: string;
  scrollLabel: string;
  /** It lies over the chat, or stands in its place: then it has the focus for as long as it is open. */
  over: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function DetailsPane({ title, scrollLabel, over, onClose, children }: DetailsPaneProps) {
  const heading = useRef<HTMLHeadingElement>(null);

  // Before the browser paints: on one pane, what opened this is about to leave the page.
  useLayoutEffect(() => {
    if (!over) return undefined;
    const opener = document.activeElement;
    heading.current?.focus();
    return () => {
      // The chat is back in the page in the next frame.
      requestAnimationFrame(() => {
        giveBack(opener);
      });
    };
  }, [over]);

  return (
    <section
      className="pane-details"
      aria-label={title}
      data-area
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      <header className="bar">
        <IconButton className="only-narrow" icon={ArrowLeft} label={t('nav.back')} onClick={onClose} />
        <h2 ref={heading} className="min-w-0 flex-1" tabIndex={-1}>
          {title}
        </h2>
        <IconButton className="only-wide" icon={X} label={t('nav.close')} onClick={onClose} />
      </header>
      <div className="scroll" tabIndex={0} role="region" aria-label={scrollLabel}>
        {children}
      </div>
    </section>
  );
}

function giveBack(opener: Element | null): void {
  const isFree = () => document.activeElement === null || document.activeElement === document.body;
  if (isFree() && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
  if (isFree()) document.querySelector<HTMLElement>('[data-details]')?.focus();
}
