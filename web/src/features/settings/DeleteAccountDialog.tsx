import { useState, type FormEvent } from 'react';
import { useAppDispatch, useEngine } from '../../app/hooks.js';
import { codeOf, wordsFor } from '../../app/failure-words.js';
import { newsArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Dialog } from '../../ui/Dialog.js';
import { PasswordField } from '../../ui/PasswordField.js';

export function DeleteAccountDialog({ onClose }: { onClose: () => void }) {
  const engine = useEngine();
  const dispatch = useAppDispatch();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  const submit = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      await engine.deleteAccount({ password });
      dispatch(newsArrived({ text: t('deleteAccount.done') }));
    } catch (error) {
      setTrouble(codeOf(error) === 'wrong-credentials' ? t('deleteAccount.wrong') : wordsFor(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('deleteAccount.title')} onClose={onClose}>
      <p>{t('deleteAccount.text')}</p>
      <form
        className="grid gap-4"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (password && !busy) void submit();
        }}
      >
        <PasswordField
          label={t('deleteAccount.password')}
          autoComplete="current-password"
          value={password}
          error={trouble}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
        <div className="actions mt-0!">
          <Button data-autofocus onClick={onClose}>
            {t('deleteAccount.cancel')}
          </Button>
          <Button
            look="danger"
            type="submit"
            disabled={password === ''}
            busy={busy ? t('deleteAccount.busy') : null}
          >
            {t('deleteAccount.submit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
