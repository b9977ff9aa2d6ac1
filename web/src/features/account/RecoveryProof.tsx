import { Check } from 'lucide-react';
import { useEffect, useState, type FormEvent } from 'react';
import { useEngine } from '../../app/hooks.js';
import { codeOf, wordsFor } from '../../app/failure-words.js';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Field } from '../../ui/Field.js';
import { Icon } from '../../ui/Icon.js';
import { AccountFrame } from './AccountFrame.js';
import { FormError } from './FormError.js';
import { useSlowBusy } from './use-slow-busy.js';

interface RecoveryProofProps {
  /** The words, while this page still holds them: then each field is checked on leaving it. */
  words: string[] | null;
  onBack: (words: string[]) => void;
}

/** Step 3 of 3: four words from the copy. */
export function RecoveryProof({ words, onBack }: RecoveryProofProps) {
  const engine = useEngine();
  const [asked, setAsked] = useState<number[]>([]);
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const busyWords = useSlowBusy(busy, t('proof.busy'), t('register.preparing'));

  useEffect(() => {
    let alive = true;
    engine.recoveryQuestions().then(
      (indices) => {
        if (alive) setAsked(indices);
      },
      (error: unknown) => {
        if (alive) setTrouble(wordsFor(error));
      },
    );
    return () => {
      alive = false;
    };
  }, [engine]);

  const given = (index: number) => (typed[index] ?? '').trim().toLowerCase();
  const right = (index: number) => (words ? given(index) === words[index] : null);
  const complete = asked.length > 0 && asked.every((index) => given(index) && right(index) !== false);

  const submit = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      await engine.proveRecoveryKey(asked.map((index) => ({ index, word: given(index) })));
    } catch (error) {
      setTrouble(codeOf(error) === 'wrong-word' ? t('error.wrong-word') : wordsFor(error));
      setBusy(false);
    }
  };

  const again = async () => {
    try {
      onBack(words ?? (await engine.recoveryWords()).words);
    } catch (error) {
      setTrouble(wordsFor(error));
    }
  };

  return (
    <AccountFrame
      title={t('proof.title')}
      lead={t('proof.lead')}
      step={{ number: 3, name: t('proof.step') }}
      says="sealed"
    >
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (complete && !busy) void submit();
        }}
      >
        {asked.map((index) => {
          const isRight = right(index);
          return (
            <Field
              key={index}
              label={t('proof.word', { n: index + 1 })}
              className="font-mono"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={typed[index] ?? ''}
              error={
                isRight === false && left.has(index) && given(index)
                  ? t('proof.wrong', { n: index + 1 })
                  : null
              }
              trailing={
                isRight ? (
                  <span className="absolute inset-y-0 end-0 grid w-11 place-items-center text-accent-ink">
                    <Icon of={Check} size="1.125rem" />
                    <span className="sr-only">{t('proof.correct')}</span>
                  </span>
                ) : null
              }
              onChange={(event) => {
                setTyped({ ...typed, [index]: event.target.value });
              }}
              onBlur={() => {
                setLeft(new Set([...left, index]));
              }}
            />
          );
        })}
        <FormError text={trouble} />
        <Button look="primary" size="wide" type="submit" disabled={!complete} busy={busyWords}>
          {t('proof.finish')}
        </Button>
      </form>
      <p className="mt-4">
        <button
          type="button"
          className="link text-small"
          onClick={() => {
            void again();
          }}
        >
          {t('proof.again')}
        </button>
      </p>
    </AccountFrame>
  );
}
