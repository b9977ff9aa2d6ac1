import type { ConversationView, Timer } from '@wisp/client';
import { ArrowLeft, PanelRight, ShieldAlert } from 'lucide-react';
import { Link } from 'react-router';
import { t } from '../../strings/index.js';
import { Avatar } from '../../ui/Avatar.js';
import { Icon } from '../../ui/Icon.js';
import { IconButton } from '../../ui/IconButton.js';
import { Ring } from '../../ui/Ring.js';
import { shortTimer } from '../composer/timer-words.js';
import { VerifiedMark } from './ChatRow.js';

interface ConversationHeaderProps {
  conversation: ConversationView;
  detailsOpen: boolean;
  onDetails: () => void;
}

export function ConversationHeader({ conversation, detailsOpen, onDetails }: ConversationHeaderProps) {
  const { title, peer, timer, hold } = conversation;
  return (
    <header className="bar convo-bar">
      <Link className="icon-btn only-narrow" to="/" aria-label={t('nav.back')}>
        <Icon of={ArrowLeft} />
      </Link>
      <div className="convo-id">
        <Avatar id={peer?.userId ?? conversation.id} name={title} />
        <div className="min-w-0 flex-1">
          <div className="convo-name">
            <h2 className="truncate" tabIndex={-1} data-pane-heading>
              <bdi>{title}</bdi>
            </h2>
            {peer?.verified ? <VerifiedMark /> : null}
          </div>
          <div className="convo-sub">
            {hold?.kind === 'identity-changed' ? (
              <>
                <Icon of={ShieldAlert} size="0.9375rem" />
                <span className="truncate">{t('conversation.unverified')}</span>
              </>
            ) : (
              <TimerWords timer={timer} />
            )}
          </div>
        </div>
      </div>
      <IconButton
        icon={PanelRight}
        label={t('conversation.details')}
        title={`${t('conversation.details')} (Ctrl+I)`}
        aria-expanded={detailsOpen}
        data-details
        onClick={onDetails}
      />
    </header>
  );
}

function TimerWords({ timer }: { timer: Timer }) {
  const off = timer.mode === 'off';
  return (
    <>
      <Ring face={{ kind: off ? 'empty' : 'full' }} size="0.9375rem" still />
      <span className="truncate">
        {off ? t('conversation.timerOff') : t('conversation.timer', { timer: shortTimer(timer) })}
      </span>
    </>
  );
}
