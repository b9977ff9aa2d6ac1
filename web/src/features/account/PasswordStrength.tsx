import { t } from '../../strings/index.js';
import type { GuessTime } from './guess-time.js';

const words = { easy: 'strength.easy', fair: 'strength.fair', strong: 'strength.strong' } as const;

/** A password's strength as the time that the one who stole the server's data would need. */
export function PasswordStrength({ found, onMake }: { found: GuessTime; onMake: () => void }) {
  return (
    <>
      <div className={`strength s${found.bars}`} aria-hidden>
        <i />
        <i />
        <i />
        <i />
      </div>
      <p className="hint" role="status">
        <b className={found.level === 'strong' ? 'font-strong text-accent-ink' : 'font-strong text-ember'}>
          {t(words[found.level])}
        </b>{' '}
        {found.time
          ? t('strength.says', { time: t(found.time.key, { n: found.time.n }) })
          : t('strength.never')}{' '}
        {found.level === 'strong' ? null : (
          <button className="link" type="button" onClick={onMake}>
            {t('strength.five')}
          </button>
        )}
      </p>
    </>
  );
}
