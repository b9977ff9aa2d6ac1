import type { Timer } from '@wisp/client';
import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Segment } from '../../ui/Segment.js';
import { absorbSecondPress } from '../../ui/second-press.js';
import { CustomTime } from './CustomTime.js';
import { Outcome } from './Outcome.js';
import { choiceOf, presets, timerOf, type TimerChoice } from './timer-choice.js';
import { shortTtl } from './timer-words.js';

export type Scope = 'once' | 'chat';

interface TimerPickerProps {
  name: string;
  timer: Timer;
  mayChangeChat: boolean;
  now: number;
  /** `scopes`: opened from the details, only the chat's timer is meant. */
  scopes: 'both' | 'chat';
  onSet: (timer: Timer, scope: Scope) => void;
  onClose: () => void;
}

/** When it disappears, for whom, from when: in sentences. Enter sets, Esc cancels. */
export function TimerPicker(props: TimerPickerProps) {
  const { name, timer, mayChangeChat, now, scopes, onSet, onClose } = props;
  const id = useId();
  const [choice, setChoice] = useState<TimerChoice>(() => choiceOf(timer));
  const [scope, setScope] = useState<Scope>(scopes === 'chat' ? 'chat' : 'once');
  const [limits, setLimits] = useState(false);
  const ref = useRef<HTMLFormElement>(null);
  const chosen = timerOf(choice);

  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('.preset :checked')?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) onClose();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
    };
  }, [onClose]);

  useEffect(() => absorbSecondPress, []);

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    }
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      ref.current?.requestSubmit();
    }
  };

  return (
    <form
      ref={ref}
      className="popover picker"
      role="dialog"
      aria-labelledby={`${id}-title`}
      noValidate
      onKeyDown={onKeyDown}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (chosen) onSet(chosen, scope);
      }}
    >
      <h2 id={`${id}-title`}>{t('picker.title')}</h2>
      {limits ? (
        <>
          <p className="hint">{t('picker.limits.text')}</p>
          <div className="picker-actions flex justify-end">
            <Button
              onClick={() => {
                setLimits(false);
              }}
            >
              {t('picker.limits.close')}
            </Button>
          </div>
        </>
      ) : (
        <>
          <fieldset className="grid gap-2">
            <legend className="sr-only">{t('picker.mode')}</legend>
            <Segment
              value={choice.mode}
              options={[
                { value: 'afterRead', label: t('picker.afterRead') },
                { value: 'afterSend', label: t('picker.afterSend') },
              ]}
              onChange={(mode) => {
                setChoice({ ...choice, mode });
              }}
            />
            <p className={choice.time.kind === 'off' ? 'hint invisible' : 'hint'}>
              {choice.mode === 'afterRead'
                ? t('picker.afterRead.hint', { name })
                : t('picker.afterSend.hint')}
            </p>
          </fieldset>
          <Times choice={choice} onChange={setChoice} />
          {choice.time.kind === 'custom' ? (
            <CustomTime
              value={choice.custom}
              onChange={(custom) => {
                setChoice({ ...choice, custom });
              }}
            />
          ) : null}
          <Outcome timer={chosen} name={name} now={now} />
          {scopes === 'both' ? (
            <Scopes name={name} scope={scope} mayChangeChat={mayChangeChat} onChange={setScope} />
          ) : null}
          <div className="picker-actions flex flex-wrap items-center justify-end gap-2">
            <span className="min-w-0 grow basis-20">
              <button
                type="button"
                className="link text-small"
                onClick={() => {
                  setLimits(true);
                }}
              >
                {t('picker.limits')}
              </button>
            </span>
            <Button onClick={onClose}>{t('picker.cancel')}</Button>
            <Button look="primary" type="submit" disabled={chosen === null}>
              {t(scope === 'chat' ? 'picker.setChat' : 'picker.set')}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

function Times({ choice, onChange }: { choice: TimerChoice; onChange: (choice: TimerChoice) => void }) {
  const group = useId();
  const options: { label: string; time: TimerChoice['time'] }[] = [
    ...presets.map((seconds) => ({ label: shortTtl(seconds), time: { kind: 'preset' as const, seconds } })),
    { label: t('picker.custom'), time: { kind: 'custom' } },
    { label: t('picker.off'), time: { kind: 'off' } },
  ];
  return (
    <fieldset>
      <legend className="sr-only">{t('picker.time')}</legend>
      <div className="presets">
        {options.map(({ label, time }) => (
          <label key={label} className="preset">
            <input
              type="radio"
              name={group}
              checked={isSame(time, choice.time)}
              onChange={() => {
                onChange({ ...choice, time });
              }}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function isSame(a: TimerChoice['time'], b: TimerChoice['time']): boolean {
  return a.kind === 'preset' && b.kind === 'preset' ? a.seconds === b.seconds : a.kind === b.kind;
}

interface ScopesProps {
  name: string;
  scope: Scope;
  mayChangeChat: boolean;
  onChange: (scope: Scope) => void;
}

function Scopes({ name, scope, mayChangeChat, onChange }: ScopesProps) {
  const group = useId();
  return (
    <fieldset>
      <legend className="sr-only">{t('picker.scope')}</legend>
      <label className="choice">
        <input
          type="radio"
          name={group}
          checked={scope === 'once'}
          onChange={() => {
            onChange('once');
          }}
        />
        <span>{t('picker.once')}</span>
      </label>
      <label className={mayChangeChat ? 'choice' : 'choice off'}>
        <input
          type="radio"
          name={group}
          checked={scope === 'chat'}
          disabled={!mayChangeChat}
          onChange={() => {
            onChange('chat');
          }}
        />
        <span>
          {t('picker.chat')}
          <small>{mayChangeChat ? t('picker.chat.hint', { name }) : t('picker.chat.notAllowed')}</small>
        </span>
      </label>
    </fieldset>
  );
}
