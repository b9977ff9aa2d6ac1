import type { ConversationView, Hold } from '@wisp/client';
import { RefreshCw, ShieldAlert } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useAppDispatch } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Icon } from '../../ui/Icon.js';
import { saveText } from '../../ui/save-text.js';
import { holdReleased } from './composer-listeners.js';

interface HeldSheetProps {
  hold: Hold;
  conversation: ConversationView;
  /** The composer had the focus when sending was held. */
  takesFocus: boolean;
  onCompare: () => void;
}

/** In the composer's place while sending is held; reading goes on, the draft is kept. */
export function HeldSheet({ hold, conversation, takesFocus, onCompare }: HeldSheetProps) {
  const dispatch = useAppDispatch();
  const name = conversation.title;
  const [later, setLater] = useState(false);
  const release = () => {
    dispatch(holdReleased({ conversation: conversation.id }));
  };

  switch (hold.kind) {
    case 'peer-deleted-account':
      return <Closed words={t('composer.closed', { name })} />;
    case 'left':
      return <Closed words={t('composer.left')} />;
    case 'rolled-back':
    case 'out-of-step':
      return <Sheet kind={hold.kind} name={name} takesFocus={takesFocus} />;
    case 'histories-differ':
      return (
        <Sheet kind={hold.kind} name={name} takesFocus={takesFocus}>
          <Button look="ghost" className="apart px-1" onClick={release}>
            {t('held.histories-differ.go')}
          </Button>
          <Button
            look="primary"
            onClick={() => {
              saveText(t('held.histories-differ.file'), hold.evidence);
            }}
          >
            {t('held.histories-differ.save')}
          </Button>
        </Sheet>
      );
    case 'identity-changed':
      if (later) {
        return (
          <Closed words={t('held.identity-changed.title', { name })}>
            <Button size="mini" onClick={onCompare}>
              {t('held.identity-changed.compare')}
            </Button>
          </Closed>
        );
      }
      return (
        <Sheet kind={hold.kind} name={name} takesFocus={takesFocus}>
          <Button look="ghost" className="apart px-1" onClick={release}>
            {t('held.identity-changed.go')}
          </Button>
          <Button
            onClick={() => {
              setLater(true);
            }}
          >
            {t('held.identity-changed.later')}
          </Button>
          <Button look="primary" onClick={onCompare}>
            {t('held.identity-changed.compare')}
          </Button>
        </Sheet>
      );
  }
}

interface SheetProps {
  kind: 'histories-differ' | 'identity-changed' | 'rolled-back' | 'out-of-step';
  name: string;
  takesFocus: boolean;
  children?: React.ReactNode;
}

function Sheet({ kind, name, takesFocus, children }: SheetProps) {
  // Without a choice it only tells what Wisp is doing.
  const asks = children !== undefined;
  const id = useId();
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) ref.current?.focus();
  }, [takesFocus]);
  return (
    <section
      ref={ref}
      className="block-sheet"
      role={asks ? 'alertdialog' : 'status'}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      data-area
    >
      <div className={asks ? 'block-inner' : 'block-inner calm'}>
        <Icon of={asks ? ShieldAlert : RefreshCw} size="1.625rem" />
        <div className="min-w-0 flex-1">
          <h2 id={`${id}-title`}>{t(`held.${kind}.title`, { name })}</h2>
          <p id={`${id}-text`}>{t(`held.${kind}.text`, { name })}</p>
          <p className="hint">{t(`held.${kind}.hint`)}</p>
          {children ? <div className="actions">{children}</div> : null}
        </div>
      </div>
    </section>
  );
}

/** Nothing can be written here any more, or for now. */
function Closed({ words, children }: { words: string; children?: React.ReactNode }) {
  return (
    <div className="composer-wrap" data-area>
      <div className="flex flex-wrap items-center justify-center gap-3 rounded-bubble bg-sunken px-4 py-3 text-center text-small text-ink-2">
        <p role="status">{words}</p>
        {children}
      </div>
    </div>
  );
}
