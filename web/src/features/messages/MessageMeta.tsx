import type { MessageView } from '@wisp/client';
import { timeOfDay } from '../../strings/moments.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { Ring } from '../../ui/Ring.js';
import { clockWords } from './clock-words.js';
import { serverNow } from './server-clock.js';
import { stateFace } from './state-words.js';
import { useRing } from './use-ring.js';

/** At a bubble's end: edited, the clock, the time on the last of a run, the state of an own message. */
export function MessageMeta({ message, showsTime }: { message: MessageView; showsTime: boolean }) {
  const face = useRing(message.clock);
  // Read when a dot goes out or the message changes, never by the second.
  const words = clockWords(message, serverNow());
  const state = message.state ? stateFace(message.state) : null;
  const edited = message.content.kind === 'text' && message.content.edited;
  return (
    <span className="meta">
      {edited ? <span className="edited">{t('message.edited')}</span> : null}
      {face && words ? (
        <span title={words.tip}>
          <Ring face={face} />
          <span className="sr-only">{words.spoken} </span>
        </span>
      ) : null}
      {showsTime || state ? (
        <time dateTime={new Date(message.at).toISOString()}>{timeOfDay(message.at)}</time>
      ) : null}
      {state ? (
        <span title={state.word}>
          <Icon of={state.icon} size="0.9375rem" />
          <span className="sr-only">{state.word}</span>
        </span>
      ) : null}
    </span>
  );
}
