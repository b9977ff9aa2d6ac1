import type { ConversationView, MessageView } from '@wisp/client';
import { Pencil, X } from 'lucide-react';
import { moment } from '../../strings/moments.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { IconButton } from '../../ui/IconButton.js';
import { hueOf } from '../../ui/person.js';
import { nameIn } from '../messages/notice-words.js';

interface ReplyStripProps {
  message: MessageView;
  conversation: ConversationView;
  onCancel: () => void;
}

/** Above the field: what is being answered. */
export function ReplyStrip({ message, conversation, onCancel }: ReplyStripProps) {
  const name = message.own ? t('message.you') : nameIn(conversation, message.author);
  return (
    <div className="reply-strip">
      <div className="quote w-person" data-hue={hueOf(message.author)}>
        <span className="sr-only">{t('quote.reply')}</span>
        <b>
          <bdi>{name}</bdi>
        </b>
        <span dir="auto">{message.content.kind === 'text' ? message.content.text : ''}</span>
      </div>
      <IconButton icon={X} size="1.125rem" label={t('composer.reply.cancel')} onClick={onCancel} />
    </div>
  );
}

interface EditStripProps {
  message: MessageView;
  now: number;
  onCancel: () => void;
}

/** Above the field: that an own message is being changed, and that its time isn't. */
export function EditStrip({ message, now, onCancel }: EditStripProps) {
  const { clock } = message;
  return (
    <div className="reply-strip">
      <Icon of={Pencil} size="1.125rem" />
      <p className="min-w-0 flex-1 text-small">
        <b className="font-strong">{t('composer.editing')}</b>{' '}
        {clock.kind === 'running' ? (
          <span className="text-ink-2">
            {t('composer.editing.clock', { moment: moment(clock.endsAt, now) })}
          </span>
        ) : null}
      </p>
      <IconButton icon={X} size="1.125rem" label={t('composer.editing.cancel')} onClick={onCancel} />
    </div>
  );
}
