import type { SendState } from '@wisp/client';
import { t } from '../../strings/index.js';
import type { MessageRow } from './timeline-rows.js';

interface StateLineProps {
  row: MessageRow;
  online: boolean;
  onRetry: () => void;
  onDelete: () => void;
}

/** Words under the newest own message, and under each that failed or asks. */
export function StateLine({ row, online, onRetry, onDelete }: StateLineProps) {
  const { state, clock } = row.message;
  if (!state) return null;
  if (state.kind === 'failed') {
    return (
      <p className="state failed">
        <span>{t(`state.failed.${state.reason}`)}</span>
        {canRetry(state.reason) ? <Act words={t('state.again')} act={onRetry} /> : null}
        <Act words={t('state.delete')} act={onDelete} />
      </p>
    );
  }
  if (state.kind === 'asks') {
    return (
      <p className="state failed">
        <span>{t(`state.asks.${state.why}`)}</span>
        <Act words={t('state.asks.send')} act={onRetry} />
        <Act words={t('state.delete')} act={onDelete} />
      </p>
    );
  }
  if (!row.newestOwn) return null;
  if (state.kind === 'sending' && !online) {
    const words = clock.kind === 'none' ? 'state.wait' : 'state.wait.clocks';
    return <p className="state">{t(words, { n: row.waiting })}</p>;
  }
  return <p className="state">{stateWords(state)}</p>;
}

/** The same words would be too long again, and nobody can send to a chat that they aren't in. */
function canRetry(reason: Extract<SendState, { kind: 'failed' }>['reason']): boolean {
  return reason !== 'too-large' && reason !== 'not-member';
}

function stateWords(state: SendState): string {
  switch (state.kind) {
    case 'sending':
      return t('state.sending.words');
    case 'sent':
      return t('state.sent');
    case 'delivered':
      return t('state.delivered');
    case 'read':
      return t('state.read');
    case 'asks':
    case 'failed':
      return t('state.notSent');
  }
}

function Act({ words, act }: { words: string; act: () => void }) {
  return (
    <button className="link" type="button" onClick={act}>
      {words}
    </button>
  );
}
