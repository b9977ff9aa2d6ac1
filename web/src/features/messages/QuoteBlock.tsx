import type { ConversationView, QuoteView } from '@wisp/client';
import { t } from '../../strings/index.js';
import { hueOf } from '../../ui/person.js';
import { Ring } from '../../ui/Ring.js';
import { nameIn } from './notice-words.js';

interface QuoteBlockProps {
  quote: QuoteView;
  conversation: ConversationView;
  me: string;
  onJump: () => void;
}

/** What a message answers to; dotted and inert once that has gone. */
export function QuoteBlock({ quote, conversation, me, onJump }: QuoteBlockProps) {
  if (quote.excerpt === null) {
    return (
      <span className="quote void">
        <Ring face={{ kind: 'empty' }} size="0.9375rem" still />
        {t('quote.gone')}
      </span>
    );
  }
  const name = quote.author === me ? t('message.you') : nameIn(conversation, quote.author);
  return (
    <button
      type="button"
      className="quote w-person"
      data-hue={hueOf(quote.author)}
      tabIndex={-1}
      onClick={onJump}
    >
      <span className="sr-only">{t('quote.reply')}</span>
      <b>
        <bdi>{name}</bdi>
      </b>
      <span dir="auto">{quote.excerpt}</span>
    </button>
  );
}
