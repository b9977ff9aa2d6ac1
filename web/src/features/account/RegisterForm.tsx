import { Check, Lock } from 'lucide-react';
import { useRef, useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useEngine } from '../../app/hooks.js';
import { codeOf, wordsFor } from '../../app/failure-words.js';
import { rich, t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Field } from '../../ui/Field.js';
import { Icon } from '../../ui/Icon.js';
import { Note } from '../../ui/Note.js';
import { PasswordField } from '../../ui/PasswordField.js';
import { AccountFrame } from './AccountFrame.js';
import { FormError } from './FormError.js';
import { PasswordStrength } from './PasswordStrength.js';
import { loadJudge, useJudge } from './use-judge.js';
import { useSlowBusy } from './use-slow-busy.js';
import { useUsername } from './use-username.js';

const PASSWORD_DOES = 'what-this-password-does';

/** Step 1 of 3. The password goes from the field to the engine and nowhere else. */
export function RegisterForm({ onMade }: { onMade: (words: string[]) => void }) {
  const engine = useEngine();
  const username = useUsername(engine);
  const [password, setPassword] = useState('');
  const [madeHere, setMadeHere] = useState(false);
  const [asksMore, setAsksMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const judge = useJudge(password);
  const found = judge && password ? judge.judgePassword(password, [username.value, location.hostname]) : null;
  const busyWords = useSlowBusy(busy, t('register.busy'), t('register.preparing'));

  const make = () => {
    if (!judge) return;
    setPassword(judge.fiveWords());
    setMadeHere(true);
    setAsksMore(false);
    field.current?.focus();
  };

  const askMore = () => {
    setAsksMore(true);
    field.current?.focus();
  };

  const submit = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      if (!(await username.isUsable())) {
        setBusy(false);
        username.field.current?.focus();
        return;
      }
      if (password === '') {
        setBusy(false);
        return askMore();
      }
      // Whoever is quicker than the judge waits for it, and isn't sent back for nothing.
      const judged =
        found ?? (await loadJudge()).judgePassword(password, [username.value, location.hostname]);
      if (judged.level === 'easy') {
        setBusy(false);
        return askMore();
      }
      const { words } = await engine.register({ username: username.value, password });
      onMade(words);
    } catch (error) {
      if (codeOf(error) === 'username-taken') username.refuse();
      else setTrouble(wordsFor(error));
      setBusy(false);
    }
  };

  return (
    <AccountFrame
      title={t('register.title')}
      lead={t('register.lead', { server: location.host })}
      step={{ number: 1, name: t('register.step') }}
    >
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (!busy) void submit();
        }}
      >
        <Field
          ref={username.field}
          label={t('account.username')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username.typed}
          error={username.error}
          hint={
            username.error ? null : username.free ? (
              <span className="flex items-center gap-1.5">
                <Icon of={Check} size="1rem" />
                {t('register.username.free')}
              </span>
            ) : (
              t('register.username.hint')
            )
          }
          onChange={(event) => {
            username.change(event.target.value);
          }}
          onBlur={username.check}
        />
        <PasswordField
          ref={field}
          label={t('account.password')}
          name="password"
          autoComplete="new-password"
          value={password}
          key={madeHere ? 'made' : 'typed'}
          initiallyShown={madeHere}
          error={asksMore && found?.level !== 'fair' && found?.level !== 'strong' ? t('strength.more') : null}
          hint={madeHere ? t('register.words.made') : null}
          aria-describedby={PASSWORD_DOES}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        >
          {found ? <PasswordStrength found={found} onMake={make} /> : null}
        </PasswordField>
        <Note icon={Lock} id={PASSWORD_DOES}>
          <p className="font-strong">{t('register.password.does')}</p>
          <ul>
            <li>{t('register.password.does.1')}</li>
            <li>{t('register.password.does.2')}</li>
            <li>{t('register.password.does.3')}</li>
          </ul>
        </Note>
        <FormError text={trouble} />
        <Button look="primary" size="wide" type="submit" busy={busyWords}>
          {t('register.continue')}
        </Button>
      </form>
      <p className="mt-5 text-ink-2">
        {rich('register.have', {
          a: (parts) => (
            <Link className="link" to="/sign-in" key="a">
              {parts}
            </Link>
          ),
        })}
      </p>
    </AccountFrame>
  );
}
