import { useEffect, useId, useState } from 'react';
import { useAppSelector, useEngine } from '../../app/hooks.js';
import { wordsFor } from '../../app/failure-words.js';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';
import { FormError } from '../account/FormError.js';

type Choice = 'keep' | 'erase';

/** Ends the session; the sealed store stays, or goes with it. */
export function SignOutDialog({ onClose }: { onClose: () => void }) {
  const engine = useEngine();
  const name = useId();
  const told = useAppSelector((root) => root.connection.view?.waiting ?? 0);
  const [waiting, setWaiting] = useState(told);
  const [choice, setChoice] = useState<Choice>('keep');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  // The engine tells of waiting messages with news of the connection; a line that died unnoticed makes no news.
  useEffect(() => {
    let alive = true;
    engine.connection().then(
      (view) => {
        if (alive) setWaiting(view.waiting);
      },
      () => undefined,
    );
    return () => {
      alive = false;
    };
  }, [engine, told]);

  const submit = async () => {
    setBusy(true);
    try {
      await engine.signOut({ store: choice });
    } catch (error) {
      setTrouble(wordsFor(error));
      setBusy(false);
    }
  };

  const radio = (value: Choice) => ({
    type: 'radio',
    name,
    checked: choice === value,
    onChange: () => {
      setChoice(value);
    },
  });

  return (
    <Dialog title={t('signOut.title')} onClose={onClose}>
      <fieldset className="grid gap-2">
        <legend className="sr-only">{t('signOut.choice')}</legend>
        <label className="choice">
          <input {...radio('keep')} />
          <span>
            {t('signOut.keep')}
            <small>{t('signOut.keep.text')}</small>
          </span>
        </label>
        <label className="choice">
          <input {...radio('erase')} />
          <span>
            {t('signOut.erase')}
            <small>{t('signOut.erase.text')}</small>
            {waiting > 0 ? (
              <small className="text-danger!">{t('signOut.waiting', { n: waiting })}</small>
            ) : null}
          </span>
        </label>
      </fieldset>
      <FormError text={trouble} />
      <div className="actions">
        <Button data-autofocus onClick={onClose}>
          {t('signOut.cancel')}
        </Button>
        <Button
          look={choice === 'erase' ? 'danger' : 'primary'}
          busy={busy ? t('signOut.busy') : null}
          onClick={() => void submit()}
        >
          {t(choice === 'erase' ? 'signOut.submitErase' : 'signOut.submit')}
        </Button>
      </div>
    </Dialog>
  );
}
