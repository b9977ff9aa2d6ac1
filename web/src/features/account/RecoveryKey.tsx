import { Check, Copy, Download, Printer, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { copyForAMinute } from '../../ui/clipboard.js';
import { Icon } from '../../ui/Icon.js';
import { Note } from '../../ui/Note.js';
import { saveText } from '../../ui/save-text.js';
import { AccountFrame } from './AccountFrame.js';

/** Step 2 of 3: the words, shown once. They are in no store, only in this page. */
export function RecoveryKey({ words, onSaved }: { words: string[]; onSaved: () => void }) {
  const [done, setDone] = useState<string | null>(null);

  const copy = async () => {
    const copied = await copyForAMinute(words.join(' '), () => {
      setDone(t('key.emptied'));
    });
    setDone(t(copied ? 'key.copied' : 'key.copyFailed'));
  };

  return (
    <AccountFrame
      title={t('key.title')}
      lead={t('key.lead')}
      step={{ number: 2, name: t('key.step') }}
      says="sealed"
    >
      <div className="mt-6 grid gap-4">
        <ol className="words" aria-label={t('key.label')}>
          {words.map((word, at) => (
            <li key={`${at} ${word}`}>{word}</li>
          ))}
        </ol>
        <div className="flex flex-wrap gap-2 print:hidden">
          <Button onClick={() => void copy()}>
            <Icon of={Copy} size="1.125rem" />
            {t('key.copy')}
          </Button>
          <Button
            onClick={() => {
              saveText(t('key.file.name'), words.map((word, at) => `${at + 1}. ${word}`).join('\n') + '\n');
              setDone(t('key.file.saved'));
            }}
          >
            <Icon of={Download} size="1.125rem" />
            {t('key.file')}
          </Button>
          <Button
            onClick={() => {
              window.print();
            }}
          >
            <Icon of={Printer} size="1.125rem" />
            {t('key.print')}
          </Button>
        </div>
        <p className="hint flex min-h-4.5 items-start gap-1.5 empty:hidden" role="status">
          {done ? (
            <>
              <Icon of={Check} size="1rem" />
              {done}
            </>
          ) : null}
        </p>
        <Note icon={TriangleAlert} tone="ember">
          <p>{t('key.warning')}</p>
        </Note>
        <Button look="primary" size="wide" onClick={onSaved}>
          {t('key.saved')}
        </Button>
      </div>
    </AccountFrame>
  );
}
