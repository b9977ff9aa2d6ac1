import type { MessageView } from '@wisp/client';
import { Download, Lock, ShieldAlert } from 'lucide-react';
import { t } from '../../strings/index.js';
import { Dots } from '../../ui/Dots.js';
import { Icon } from '../../ui/Icon.js';

interface UnopenedProps {
  message: MessageView;
  name: string;
  onAskAgain: () => void;
  onExplain: () => void;
}

/** A message that can't be shown: why, from whom, and what happens next. */
export function Unopened({ message, name, onAskAgain, onExplain }: UnopenedProps) {
  const { content } = message;
  if (content.kind === 'unknown') {
    return (
      <Card
        sign={<Icon of={Download} size="1.125rem" />}
        title={t('unopened.unknown')}
        text={t('unopened.unknown.text', { name })}
        action={{
          words: t('unopened.unknown.update'),
          act: () => {
            location.reload();
          },
        }}
      />
    );
  }
  if (content.kind !== 'undecryptable') return null;
  switch (content.reason) {
    case 'waiting':
      return (
        <Card
          sign={
            <span className="mt-2">
              <Dots />
            </span>
          }
          title={t('unopened.waiting')}
          text={t('unopened.waiting.text')}
        />
      );
    case 'key-gone':
      return (
        <Card
          sign={<Icon of={Lock} size="1.125rem" />}
          title={t('unopened.key-gone')}
          text={t('unopened.key-gone.text')}
          {...(message.own
            ? {}
            : { action: { words: t('unopened.key-gone.ask', { name }), act: onAskAgain } })}
        />
      );
    case 'refused':
      return (
        <Card
          sign={<Icon of={ShieldAlert} size="1.125rem" />}
          title={t('unopened.refused')}
          text={t('unopened.refused.text', { name })}
          action={{ words: t('unopened.refused.more'), act: onExplain }}
        />
      );
  }
}

interface CardProps {
  sign: React.ReactNode;
  title: string;
  text: string;
  action?: { words: string; act: () => void };
}

function Card({ sign, title, text, action }: CardProps) {
  return (
    <div className="ghost">
      <div className="undec">
        {sign}
        <div>
          <p className="font-strong text-ink">{title}</p>
          <p className="hint">{text}</p>
          {action ? (
            <button className="link text-small" type="button" onClick={action.act}>
              {action.words}
            </button>
          ) : null}
        </div>
      </div>
    </div>
  );
}
