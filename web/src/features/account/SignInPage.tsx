import { ChevronRight, KeyRound, RectangleEllipsis } from 'lucide-react';
import { useRef, useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useEngine } from '../../app/hooks.js';
import { codeOf, wordsFor } from '../../app/failure-words.js';
import { rich, t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Field } from '../../ui/Field.js';
import { Icon } from '../../ui/Icon.js';
import { PasswordField } from '../../ui/PasswordField.js';
import { AccountFrame } from './AccountFrame.js';
import { FormError } from './FormError.js';
import { NoStoreNotice } from './NoStoreNotice.js';
import { useSlowBusy } from './use-slow-busy.js';

type SecretKind = 'password' | 'recovery';
type Blank = 'username' | 'secret';

/** `kept`: whose sealed store stands on this device. */
export function SignInPage({ kept }: { kept: string | null }) {
  const engine = useEngine();
  const [username, setUsername] = useState(kept ?? '');
  const [secret, setSecret] = useState('');
  const [kind, setKind] = useState<SecretKind>('password');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [noStore, setNoStore] = useState(false);
  /** A field that was left empty on submit. */
  const [blank, setBlank] = useState<Blank | null>(null);
  const usernameField = useRef<HTMLInputElement>(null);
  const secretField = useRef<HTMLInputElement>(null);
  const busyWords = useSlowBusy(busy, t('signIn.busy'), t('signIn.unlocking'));

  const submit = async () => {
    setTrouble(null);
    const missing: Blank | null = username.trim() === '' ? 'username' : secret === '' ? 'secret' : null;
    setBlank(missing);
    if (missing) {
      (missing === 'username' ? usernameField : secretField).current?.focus();
      return;
    }
    setBusy(true);
    try {
      const text = kind === 'recovery' ? secret.trim().toLowerCase().split(/\s+/u).join(' ') : secret;
      await engine.signIn({ username: username.trim().toLowerCase(), secret: { kind, text } });
    } catch (error) {
      const code = codeOf(error);
      if (code === 'no-store-here') setNoStore(true);
      else if (code === 'wrong-credentials') {
        setTrouble(t(kind === 'password' ? 'signIn.wrong' : 'signIn.wrongWords'));
      } else setTrouble(wordsFor(error));
      setBusy(false);
    }
  };

  if (noStore) {
    return (
      <NoStoreNotice
        onBack={() => {
          setNoStore(false);
        }}
      />
    );
  }

  const other = kind === 'password' ? 'recovery' : 'password';
  return (
    <AccountFrame title={t('signIn.title')} lead={kept ? t('signIn.kept') : location.host}>
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (!busy) void submit();
        }}
      >
        <Field
          ref={usernameField}
          label={t('account.username')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          error={blank === 'username' ? t('signIn.noUsername') : null}
          onChange={(event) => {
            setUsername(event.target.value);
            setBlank(null);
          }}
        />
        {kind === 'password' ? (
          <PasswordField
            ref={secretField}
            label={t('account.password')}
            name="password"
            autoComplete="current-password"
            value={secret}
            error={blank === 'secret' ? t('signIn.noPassword') : null}
            onChange={(event) => {
              setSecret(event.target.value);
              setBlank(null);
            }}
          />
        ) : (
          <Field
            ref={secretField}
            label={t('signIn.words')}
            hint={t('signIn.words.hint')}
            className="font-mono"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={secret}
            error={blank === 'secret' ? t('signIn.noWords') : null}
            onChange={(event) => {
              setSecret(event.target.value);
              setBlank(null);
            }}
          />
        )}
        <FormError text={trouble} />
        <Button look="primary" size="wide" type="submit" busy={busyWords}>
          {t('signIn.submit')}
        </Button>
      </form>
      <div className="mt-5 grid gap-1">
        <button
          type="button"
          className="fact"
          onClick={() => {
            setKind(other);
            setSecret('');
            setTrouble(null);
            setBlank(null);
          }}
        >
          <Icon of={kind === 'password' ? KeyRound : RectangleEllipsis} />
          <span className="fact-main">
            {t(kind === 'password' ? 'signIn.forgot' : 'signIn.usePassword')}
            <small>{t(kind === 'password' ? 'signIn.forgot.more' : 'signIn.usePassword.more')}</small>
          </span>
          <Icon of={ChevronRight} size="1.125rem" />
        </button>
      </div>
      <p className="mt-5 text-ink-2">
        {rich('signIn.new', {
          a: (parts) => (
            <Link className="link" to="/register" key="a">
              {parts}
            </Link>
          ),
        })}
      </p>
    </AccountFrame>
  );
}
