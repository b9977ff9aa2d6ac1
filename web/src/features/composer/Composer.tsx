import type { ConversationView, MessageView, Timer } from '@wisp/client';
import { ArrowUp, X } from 'lucide-react';
import {
  useCallback,
  useImperativeHandle,
  useRef,
  useState,
  type FormEvent,
  type KeyboardEvent,
  type Ref,
} from 'react';
import { useAppDispatch } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { IconButton } from '../../ui/IconButton.js';
import { hueOf } from '../../ui/person.js';
import { Ring } from '../../ui/Ring.js';
import { nameIn } from '../messages/notice-words.js';
import { useMinute } from '../messages/use-minute.js';
import { messageSubmitted, timerChosen } from './composer-listeners.js';
import { TimerPicker, type Scope } from './TimerPicker.js';
import { isSameTimer, shortTimer } from './timer-words.js';
import { useDraft } from './use-draft.js';

export interface ComposerHandle {
  focus: () => void;
  openTimer: () => void;
  /** Puts words into an empty field; sends nothing. */
  suggest: (words: string) => void;
}

interface ComposerProps {
  conversation: ConversationView;
  replyTo: MessageView | null;
  onReplyEnd: () => void;
  ref: Ref<ComposerHandle>;
}

/** The field, the timer and Send side by side: the timer is part of sending. */
export function Composer({ conversation, replyTo, onReplyEnd, ref }: ComposerProps) {
  const dispatch = useAppDispatch();
  const draft = useDraft(conversation);
  const [once, setOnce] = useState<Timer | null>(null);
  const [picking, setPicking] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const chip = useRef<HTMLButtonElement>(null);
  const now = useMinute();
  const name = conversation.title;
  const timer = once ?? conversation.timer;

  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    openTimer: () => {
      setPicking(true);
    },
    suggest: (words) => {
      if (draft.text === '') draft.change(words);
      field.current?.focus();
    },
  }));

  const closePicker = useCallback(() => {
    setPicking(false);
    chip.current?.focus();
  }, []);

  const submit = () => {
    const text = draft.text.trim();
    if (text === '') return;
    dispatch(
      messageSubmitted({
        conversation: conversation.id,
        text,
        ...(once ? { timer: once } : {}),
        ...(replyTo ? { quote: replyTo.key } : {}),
      }),
    );
    draft.clear();
    setOnce(null);
    onReplyEnd();
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    // Where fingers type there is no Shift at hand: Enter breaks the line, the button sends.
    if (matchMedia('(pointer: coarse)').matches) return;
    event.preventDefault();
    submit();
  };

  const setTimer = (chosen: Timer, scope: Scope) => {
    if (scope === 'chat') {
      setOnce(null);
      if (!isSameTimer(chosen, conversation.timer)) {
        dispatch(timerChosen({ conversation: conversation.id, timer: chosen }));
      }
    } else {
      setOnce(isSameTimer(chosen, conversation.timer) ? null : chosen);
    }
    setPicking(false);
    chip.current?.focus();
  };

  return (
    <div className="composer-wrap" data-area>
      <div className="composer anchor">
        <form
          aria-label={t('composer.form', { name })}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            submit();
          }}
        >
          {replyTo ? (
            <ReplyStrip message={replyTo} conversation={conversation} onCancel={onReplyEnd} />
          ) : null}
          <textarea
            ref={field}
            id="message"
            rows={1}
            dir="auto"
            aria-label={t('composer.field', { name })}
            placeholder={t('composer.field', { name })}
            value={draft.text}
            onChange={(event) => {
              draft.change(event.target.value);
            }}
            onKeyDown={onKeyDown}
          />
          <div className="composer-tools">
            <button
              ref={chip}
              className={once ? 'chip override' : timer.mode === 'off' ? 'chip off' : 'chip'}
              type="button"
              aria-haspopup="dialog"
              aria-expanded={picking}
              onClick={() => {
                setPicking(!picking);
              }}
            >
              <Ring face={{ kind: timer.mode === 'off' ? 'empty' : 'full' }} />
              <span>
                {timer.mode === 'off' ? null : <span className="sr-only">{t('timer.disappears')}</span>}
                {shortTimer(timer)}
              </span>
            </button>
            <button
              className="send"
              type="submit"
              aria-label={t('composer.send')}
              title={t('composer.send.tip')}
              disabled={draft.text.trim() === ''}
            >
              <Icon of={ArrowUp} />
            </button>
          </div>
        </form>
        {picking ? (
          <>
            <div className="pop-scrim" />
            <TimerPicker
              name={name}
              timer={timer}
              mayChangeChat={conversation.mayChangeTimer}
              now={now}
              scopes="both"
              onSet={setTimer}
              onClose={closePicker}
            />
          </>
        ) : null}
      </div>
    </div>
  );
}

interface ReplyStripProps {
  message: MessageView;
  conversation: ConversationView;
  onCancel: () => void;
}

function ReplyStrip({ message, conversation, onCancel }: ReplyStripProps) {
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
