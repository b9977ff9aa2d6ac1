import type { ConversationView, MessageView } from '@wisp/client';
import { moment } from '../../strings/moments.js';
import { t } from '../../strings/index.js';
import { longTtl } from '../composer/timer-words.js';
import { Bubble } from './Bubble.js';
import { nameIn } from './notice-words.js';

interface MessageInfoProps {
  message: MessageView;
  conversation: ConversationView;
  me: string;
  now: number;
}

/** When one message goes, and how far it has come. */
export function MessageInfo({ message, conversation, me, now }: MessageInfoProps) {
  return (
    <>
      <ol className="px-5 pt-1 pb-4">
        <li className={message.own ? 'msg own run solo' : 'msg run solo'}>
          <Bubble message={message} conversation={conversation} me={me} showsTime onJump={stay} />
        </li>
      </ol>
      <section className="section">
        <h3>{t('info.disappears')}</h3>
        <Going message={message} name={conversation.title} now={now} />
      </section>
      <section className="section">
        <h3>{t('info.state')}</h3>
        <p>{reach(message, conversation, now)}</p>
        <p className="hint">{t('info.sentAt', { moment: moment(message.at, now) })}</p>
      </section>
    </>
  );
}

function stay(): void {
  // The quoted message stands in the timeline, not here.
}

function Going({ message, name, now }: { message: MessageView; name: string; now: number }) {
  const { clock } = message;
  if (clock.kind === 'none') return <p>{t('info.never')}</p>;
  const ttl = longTtl(clock.ttlSeconds);
  const rule = t(clock.mode === 'afterSend' ? 'info.rule.afterSend' : 'info.rule.afterRead', { ttl });
  if (clock.kind === 'running') {
    const when = capital(moment(clock.endsAt, now));
    return (
      <>
        <p>
          {clock.mode === 'afterSend'
            ? t('info.running', { moment: when })
            : t('info.yours', { moment: moment(clock.endsAt, now) })}
        </p>
        <p className="hint">{rule}</p>
      </>
    );
  }
  const waits = message.own
    ? clock.mode === 'afterRead' && message.state?.kind !== 'sending'
      ? t('info.waits', { name })
      : t('info.waitsSent')
    : t('info.waitsYou');
  return (
    <>
      <p>{waits}</p>
      <p className="hint">
        {rule} {clock.latestAt === undefined ? '' : t('info.latest', { moment: moment(clock.latestAt, now) })}
      </p>
    </>
  );
}

function reach(message: MessageView, conversation: ConversationView, now: number): string {
  const name = conversation.title;
  const { state } = message;
  if (!state) return t('info.from', { name: nameIn(conversation, message.author) });
  switch (state.kind) {
    case 'sending':
    case 'asks':
      return t('info.sending');
    case 'sent':
      return t('info.sent', { name });
    case 'delivered':
      return t('info.delivered', { name });
    case 'read':
      return t('info.readAt', { name, moment: moment(state.at, now) });
    case 'failed':
      return t('info.failed');
  }
}

function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
