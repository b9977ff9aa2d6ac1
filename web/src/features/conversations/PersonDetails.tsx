import type { ConversationView, PersonView, Timer } from '@wisp/client';
import { useCallback, useState } from 'react';
import { useAppDispatch } from '../../app/hooks.js';
import { t } from '../../strings/index.js';
import { Avatar } from '../../ui/Avatar.js';
import { Ring } from '../../ui/Ring.js';
import { timerChosen } from '../composer/composer-listeners.js';
import { TimerPicker } from '../composer/TimerPicker.js';
import { longTimer } from '../composer/timer-words.js';
import { useMinute } from '../messages/use-minute.js';
import { VerifiedMark } from './ChatRow.js';
import { SafetyNumber } from './SafetyNumber.js';

/** Who this is, when things go here, and how to be sure of the person. */
export function PersonDetails({ conversation, peer }: { conversation: ConversationView; peer: PersonView }) {
  return (
    <>
      <div className="grid justify-items-center gap-2 px-5 pt-2 pb-5 text-center">
        <Avatar id={peer.userId} name={peer.username} size="l" />
        <p className="flex max-w-full items-center gap-1.5 font-mono text-title">
          <bdi className="truncate">{peer.username}</bdi>
          {peer.verified ? <VerifiedMark /> : null}
        </p>
        {peer.deletedAccount ? <p className="hint">{t('details.deleted', { name: peer.username })}</p> : null}
      </div>
      <TimerSection conversation={conversation} />
      <SafetyNumber peer={peer} />
    </>
  );
}

function TimerSection({ conversation }: { conversation: ConversationView }) {
  const dispatch = useAppDispatch();
  const [picking, setPicking] = useState(false);
  const now = useMinute();
  const { timer, id, title, mayChangeTimer } = conversation;
  const close = useCallback(() => {
    setPicking(false);
  }, []);
  return (
    <section className="section">
      <div className="section-head">
        <h3>{t('details.timer')}</h3>
        <button
          type="button"
          className="link text-small"
          aria-haspopup="dialog"
          aria-expanded={picking}
          aria-disabled={!mayChangeTimer}
          onClick={() => {
            if (mayChangeTimer) setPicking(true);
          }}
        >
          {t('details.timer.change')}
        </button>
      </div>
      <p className="flex gap-2.5">
        <span className="mt-0.5">
          <Ring face={{ kind: timer.mode === 'off' ? 'empty' : 'full' }} size="1.125rem" />
        </span>
        {timer.mode === 'off'
          ? t('details.timer.off')
          : t('details.timer.on', { timer: longTimer(timer, 2) })}
      </p>
      {mayChangeTimer ? null : <p className="hint">{t('picker.chat.notAllowed')}</p>}
      {picking ? (
        <div className="details-picker">
          <div className="pop-scrim" />
          <TimerPicker
            name={title}
            timer={timer}
            mayChangeChat
            now={now}
            scopes="chat"
            onSet={(chosen: Timer) => {
              dispatch(timerChosen({ conversation: id, timer: chosen }));
              close();
            }}
            onClose={close}
          />
        </div>
      ) : null}
    </section>
  );
}
