import type { ReactNode } from 'react';
import { ArrowLeft, X } from 'lucide-react';
import { t } from '../../strings/index.js';
import { IconButton } from '../../ui/IconButton.js';

interface DetailsPaneProps {
  title: string;
  scrollLabel: string;
  onClose: () => void;
  children: ReactNode;
}

export function DetailsPane({ title, scrollLabel, onClose, children }: DetailsPaneProps) {
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
        <h2 className="min-w-0 flex-1">{title}</h2>
        <IconButton className="only-wide" icon={X} label={t('nav.close')} onClick={onClose} />
      </header>
      <div className="scroll" tabIndex={0} role="region" aria-label={scrollLabel}>
        {children}
      </div>
    </section>
  );
}
