import type {
  MessageContent,
  MessageKey,
  MessageView,
  NoticeView,
  PersonView,
  SendState,
} from '@wisp/client';
import type { ConversationId, MessageId } from '@wisp/protocol';
import { me } from './people.js';

const HOUR = 3_600_000;

/** Today at a time of day, or some days before. */
export function at(time: string, daysAgo = 0): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const day = new Date();
  day.setDate(day.getDate() - daysAgo);
  day.setHours(hours, minutes, 0, 0);
  return day.getTime();
}

/** A short way to write a timeline down. */
export function script(conversation: ConversationId, peer: PersonView, from = 0) {
  let order = from;
  const add = (author: PersonView | typeof me, when: number, content: MessageContent): MessageView => {
    order += 1;
    const own = author.userId === me.userId;
    const messageId = `00000000-0000-4000-8000-${String(order).padStart(12, '0')}` as MessageId;
    return {
      key: `${author.userId}:${messageId}` as MessageKey,
      conversation,
      messageId,
      author: author.userId,
      own,
      content,
      state: own ? { kind: 'read', at: when + 60_000 } : null,
      clock: { kind: 'none' },
      order,
      at: when,
    };
  };
  const text = (words: string, quote: MessageView | 'gone' | null = null): MessageContent => ({
    kind: 'text',
    text: words,
    edited: false,
    quote:
      quote === null
        ? null
        : quote === 'gone'
          ? { key: 'gone' as MessageKey, author: me.userId, excerpt: null }
          : {
              key: quote.key,
              author: quote.author,
              excerpt: quote.content.kind === 'text' ? quote.content.text.slice(0, 120) : '',
            },
  });
  return {
    theirs: (when: number, words: string, quote?: MessageView | 'gone') =>
      add(peer, when, text(words, quote ?? null)),
    mine: (when: number, words: string, state?: SendState) => ({
      ...add(me, when, text(words)),
      ...(state ? { state } : {}),
    }),
    content: (when: number, content: MessageContent) => add(peer, when, content),
    notice: (when: number, notice: NoticeView, own = false) =>
      add(own ? me : peer, when, { kind: 'notice', notice }),
  };
}

/** With a clock of one hour that has run for some eighths. */
export function burning(message: MessageView, eighthsGone: number, ttlSeconds = 3600): MessageView {
  const ttl = ttlSeconds * 1000;
  const mode = 'afterRead' as const;
  return {
    ...message,
    clock: { kind: 'running', mode, ttlSeconds, endsAt: Date.now() + ttl * (1 - eighthsGone / 8) - 1000 },
  };
}

export function notStarted(message: MessageView): MessageView {
  return {
    ...message,
    clock: { kind: 'waiting', mode: 'afterRead', ttlSeconds: 3600, latestAt: Date.now() + 672 * HOUR },
  };
}
