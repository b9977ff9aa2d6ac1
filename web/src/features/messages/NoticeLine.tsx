import type { MessageView, NoticeView } from '@wisp/client';
import type { LucideIcon } from 'lucide-react';
import { MessageCircle, RefreshCw, ShieldAlert, UserX } from 'lucide-react';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { Ring } from '../../ui/Ring.js';
import { noticeWords } from './notice-words.js';
import { useTimeline } from './timeline-actions.js';

const signs: Record<Exclude<NoticeView['kind'], 'timer-changed'>, LucideIcon> = {
  created: MessageCircle,
  'started-over': ShieldAlert,
  'account-deleted': UserX,
  'let-back-in': RefreshCw,
};

/** Something that happened in the chat; who did it is named. */
export function NoticeLine({ message }: { message: MessageView }) {
  const { conversation, compare } = useTimeline();
  if (message.content.kind !== 'notice') return null;
  const { notice } = message.content;
  return (
    <div className="notice">
      {notice.kind === 'timer-changed' ? (
        <Ring face={{ kind: notice.timer.mode === 'off' ? 'empty' : 'full' }} size="0.9375rem" still />
      ) : (
        <Icon of={signs[notice.kind]} size="1rem" />
      )}
      <span>
        {noticeWords(
          notice,
          { conversation, own: message.own },
          {
            b: (parts) => (
              <b key="b" className="font-strong">
                {parts}
              </b>
            ),
            a: (parts) => (
              <button key="a" type="button" className="link" onClick={compare}>
                {parts}
              </button>
            ),
          },
        )}
      </span>
    </div>
  );
}

/** A dotted line: something was here, and nobody says what or how much. */
export function GoneLine({ words }: { words: 'trace.server' | 'trace.away' }) {
  return <div className="gone">{t(words)}</div>;
}
