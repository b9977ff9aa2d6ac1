import type { ConversationView, MessageView } from '@wisp/client';
import { timeOfDay } from '../../strings/moments.js';
import { rich, t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';
import { hueOf } from '../../ui/person.js';
import { nameIn } from './notice-words.js';

interface DeleteDialogProps {
  message: MessageView;
  conversation: ConversationView;
  onForMe: () => void;
  onForEveryone: () => void;
  onClose: () => void;
}

/** Both deletions, explained side by side. */
export function DeleteDialog({ message, conversation, onForMe, onForEveryone, onClose }: DeleteDialogProps) {
  const other = conversation.title;
  const author = message.own ? t('message.you') : nameIn(conversation, message.author);
  const timed = message.clock.kind !== 'none';
  const reached = message.own && message.state?.kind !== 'failed' && message.state?.kind !== 'asks';
  const b = (parts: React.ReactNode[]) => (
    <b className="font-strong text-ink" key="b">
      {parts}
    </b>
  );
  return (
    <Dialog title={t('delete.title')} onClose={onClose}>
      <div className="quote w-person m-0!" data-hue={hueOf(message.author)}>
        <b>
          <bdi>{t('delete.quote', { name: author, time: timeOfDay(message.at) })}</bdi>
        </b>
        <span dir="auto">{message.content.kind === 'text' ? message.content.text : ''}</span>
      </div>
      {reached ? (
        <>
          <p>{rich('delete.everyone', { name: other, b })}</p>
          <p>{rich(timed ? 'delete.me' : 'delete.me.noTimer', { name: other, b })}</p>
        </>
      ) : message.own ? null : (
        <p>{t(timed ? 'delete.theirs' : 'delete.theirs.noTimer', { name: other })}</p>
      )}
      <div className="actions">
        <Button className="apart" data-autofocus onClick={onClose}>
          {t('delete.cancel')}
        </Button>
        <Button look={reached ? 'danger-text' : 'danger'} onClick={onForMe}>
          {t('delete.forMe')}
        </Button>
        {reached ? (
          <Button look="danger" onClick={onForEveryone}>
            {t('delete.forEveryone')}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}
