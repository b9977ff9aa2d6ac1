import type { ConversationView, MessageView, Timer } from '@wisp/client';
import { ArrowUp, Check } from 'lucide-react';
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
import { troubleArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';
import { Icon } from '../../ui/Icon.js';
import { Ring } from '../../ui/Ring.js';
import { useMinute } from '../messages/use-minute.js';
import { isTooLong, LONGEST } from './text-length.js';
import { messageSubmitted, timerChosen } from './composer-listeners.js';
import { EditStrip, ReplyStrip } from './ComposerStrip.js';
import { TimerPicker, type Scope } from './TimerPicker.js';
import { isSameTimer, shortTimer } from './timer-words.js';
import { useDraft } from './use-draft.js';
import { useEditing } from './use-editing.js';

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
  /** An own message whose words are in the field in the draft's place. */
  editOf: MessageView | null;
  onEditEnd: () => void;
  /** ↑ in an empty field. */
  onEditLast: () => void;
  ref: Ref<ComposerHandle>;
}

const COMPOSED = 229;

/** The field, the timer and Send side by side: the timer is part of sending. */
export function Composer(props: ComposerProps) {
  const { conversation, replyTo, onReplyEnd, editOf, onEditEnd, onEditLast, ref } = props;
  const dispatch = useAppDispatch();
  const draft = useDraft(conversation);
  const [once, setOnce] = useState<Timer | null>(null);
  const [picking, setPicking] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const chip = useRef<HTMLButtonElement>(null);
  const now = useMinute();
  const name = conversation.title;
  const editing = useEditing(editOf, onEditEnd);
  const text = editing ? editing.text : draft.text;
  const timer = editOf && editing ? timerOfMessage(editOf) : (once ?? conversation.timer);

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
    if (editing) {
      void editing.save();
      return;
    }
    const words = text.trim();
    if (words === '') return;
    dispatch(
      messageSubmitted({
        conversation: conversation.id,
        text: words,
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
    if (event.key === 'ArrowUp' && text === '' && !editing && isPlain(event)) {
      event.preventDefault();
      onEditLast();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
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
          aria-label={t(editing ? 'composer.form.editing' : 'composer.form', { name })}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            submit();
          }}
        >
          {editOf && editing ? <EditStrip message={editOf} now={now} onCancel={onEditEnd} /> : null}
          {replyTo && !editing ? (
            <ReplyStrip message={replyTo} conversation={conversation} onCancel={onReplyEnd} />
          ) : null}
          <textarea
            ref={field}
            id="message"
            rows={1}
            dir="auto"
            aria-label={t(editing ? 'composer.field.editing' : 'composer.field', { name })}
            placeholder={t('composer.field', { name })}
            value={text}
            onChange={(event) => {
              const typed = event.target.value;
              // What a paste would make too long is refused whole: cut short, it would be lost unseen.
              if (isTooLong(typed)) dispatch(troubleArrived(t('composer.tooLong', { n: LONGEST })));
              else (editing ?? draft).change(typed);
            }}
            onKeyDown={onKeyDown}
          />
          <div className="composer-tools">
            <button
              ref={chip}
              className={once && !editing ? 'chip override' : timer.mode === 'off' ? 'chip off' : 'chip'}
              type="button"
              disabled={editing !== null}
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
              aria-label={t(editing ? 'composer.editing.save' : 'composer.send')}
              title={t(editing ? 'composer.editing.save.tip' : 'composer.send.tip')}
              disabled={text.trim() === ''}
            >
              <Icon of={editing ? Check : ArrowUp} />
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

/** The time that a message was given; editing doesn't change it. */
function timerOfMessage({ clock }: MessageView): Timer {
  return clock.kind === 'none' ? { mode: 'off' } : { mode: clock.mode, ttlSeconds: clock.ttlSeconds };
}

function isPlain(event: KeyboardEvent): boolean {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  return !altKey && !ctrlKey && !metaKey && !shiftKey && !isComposing(event);
}

/** Safari ends a composition before the Enter that chose its words; the key's code still says whose it is. */
function isComposing({ keyCode, nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || keyCode === COMPOSED;
}
