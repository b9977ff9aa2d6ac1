import type { ReactNode } from 'react';
import { t, type StringKey } from '../../strings/index.js';
import { Wordmark } from '../../ui/Logo.js';

interface AccountFrameProps {
  title: string;
  lead: string;
  /** 1 to 3 while an account is made. */
  step?: { number: 1 | 2 | 3; name: string };
  says?: 'tagline' | 'sealed';
  children: ReactNode;
}

/** The page around every account form: the picture on one side, the form on the other. */
export function AccountFrame({ title, lead, step, says = 'tagline', children }: AccountFrameProps) {
  const line: StringKey = says === 'sealed' ? 'account.sealed' : 'account.tagline';
  return (
    <div className="account">
      <aside className="account-side">
        <Wordmark />
        <div className="art" aria-hidden />
        <p className="tag">
          {t(line)}
          <small>{t(`${line}.more`)}</small>
        </p>
      </aside>
      <main className="account-main">
        <div>
          {step ? (
            <p className="steps">
              <span className="trail" aria-hidden>
                {[1, 2, 3].map((n) => (
                  <i key={n} className={n <= step.number ? 'on' : undefined} />
                ))}
              </span>
              <span>{t('account.step', { step: step.number })}</span>
              <span aria-hidden>·</span>
              <span>{step.name}</span>
            </p>
          ) : null}
          <h1 tabIndex={-1}>{title}</h1>
          <p className="lead">{lead}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
