import type { ConversationView } from '@wisp/client';
import { ArrowLeft, PanelRight } from 'lucide-react';
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
  const { title, peer, timer } = conversation;
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
            <Ring face={{ kind: timer.mode === 'off' ? 'empty' : 'full' }} size="0.9375rem" still />
            <span className="truncate">
              {timer.mode === 'off'
                ? t('conversation.timerOff')
                : t('conversation.timer', { timer: shortTimer(timer) })}
            </span>
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
