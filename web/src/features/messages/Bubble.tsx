import type { ConversationView, MessageKey, MessageView } from '@wisp/client';
import { t } from '../../strings/index.js';
import { MessageMeta } from './MessageMeta.js';
import { MessageText } from './MessageText.js';
import { nameIn } from './notice-words.js';
import { QuoteBlock } from './QuoteBlock.js';

interface BubbleProps {
  message: MessageView;
  conversation: ConversationView;
  me: string;
  showsTime: boolean;
  onJump: (key: MessageKey) => void;
  /** Its message has gone; it breaks into dots. */
  dissolving?: boolean;
}

/** Author (spoken), quote, words, and at their end what is known about them. */
export function Bubble({ message, conversation, me, showsTime, onJump, dissolving = false }: BubbleProps) {
  const { content } = message;
  if (content.kind !== 'text') return null;
  const name = message.own ? t('message.you') : nameIn(conversation, message.author);
  const { quote } = content;
  return (
    <div className={dissolving ? 'bubble w-dissolving' : 'bubble'}>
      <span className="sr-only">{t('message.author', { name })} </span>
      {quote ? (
        <QuoteBlock
          quote={quote}
          conversation={conversation}
          me={me}
          onJump={() => {
            onJump(quote.key);
          }}
        />
      ) : null}
      <div className="body" dir="auto">
        <MessageText text={content.text} /> <MessageMeta message={message} showsTime={showsTime} />
      </div>
    </div>
  );
}
