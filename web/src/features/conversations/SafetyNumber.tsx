import type { PersonView } from '@wisp/client';
import { ShieldCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useAppDispatch, useEngine } from '../../app/hooks.js';
import { wordsFor } from '../../app/failure-words.js';
import { troubleArrived } from '../../app/toasts-slice.js';
import { rich, t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { Icon } from '../../ui/Icon.js';
import { linesOfDigits } from './lines-of-digits.js';

/** Sixty digits in three lines; ticked line by line while both read aloud. */
export function SafetyNumber({ peer }: { peer: PersonView }) {
  const engine = useEngine();
  const dispatch = useAppDispatch();
  const [lines, setLines] = useState<string[][] | null>(null);
  const [failed, setFailed] = useState(false);
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set());
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let alive = true;
    engine.safetyNumber(peer.userId).then(
      ({ digits }) => {
        if (alive) setLines(linesOfDigits(digits));
      },
      () => {
        if (alive) setFailed(true);
      },
    );
    return () => {
      alive = false;
    };
  }, [engine, peer.userId]);

  const left = (lines?.length ?? 0) - ticked.size;
  const setVerified = async (verified: boolean) => {
    setBusy(true);
    try {
      await engine.setVerified({ userId: peer.userId, verified });
      setTicked(new Set());
    } catch (error) {
      dispatch(troubleArrived(wordsFor(error)));
    }
    setBusy(false);
  };

  return (
    <section className="section" data-safety-number>
      <div className="section-head">
        <h3>{t('details.number')}</h3>
      </div>
      <p className="hint mb-2">{t('details.number.text')}</p>
      {failed ? <p className="hint">{t('details.number.failed')}</p> : null}
      {!lines && !failed ? <p className="hint">{t('details.number.wait')}</p> : null}
      {lines ? (
        <div className="digits -mx-2" dir="ltr">
          {lines.map((groups, at) => (
            <label key={groups.join(' ')}>
              <input
                type="checkbox"
                checked={peer.verified || ticked.has(at)}
                disabled={peer.verified}
                aria-label={t('details.number.line', { n: at + 1, digits: groups.join(' ') })}
                onChange={(event) => {
                  const next = new Set(ticked);
                  if (event.target.checked) next.add(at);
                  else next.delete(at);
                  setTicked(next);
                }}
              />
              {groups.map((group, index) => (
                <span key={`${index} ${group}`}>{group}</span>
              ))}
            </label>
          ))}
        </div>
      ) : null}
      {peer.verified ? (
        <div className="mt-3 grid gap-2">
          <p role="status">{t('details.number.verified', { name: peer.username })}</p>
          <Button disabled={busy} onClick={() => void setVerified(false)}>
            {t('details.number.unverify')}
          </Button>
        </div>
      ) : (
        <div className="mt-3 grid gap-2">
          <Button
            look={left === 0 ? 'primary' : 'plain'}
            disabled={left > 0 || busy || !lines}
            onClick={() => void setVerified(true)}
          >
            <Icon of={ShieldCheck} size="1.125rem" />
            {t('details.number.verify')}
          </Button>
          <p className="hint" role="status">
            {lines && left > 0
              ? ticked.size > 0
                ? t('details.number.left', { n: left })
                : t('details.number.tick')
              : ''}
          </p>
          <p className="hint">
            {rich('details.number.differ', {
              name: peer.username,
              b: (parts) => (
                <b className="font-strong text-ink" key="b">
                  {parts}
                </b>
              ),
            })}
          </p>
        </div>
      )}
    </section>
  );
}
