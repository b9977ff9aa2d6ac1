import type { MessageView } from '@wisp/client';
import { moment } from '../../strings/moments.js';
import { t } from '../../strings/index.js';

/** When a message goes, in words; null without a timer. */
export function clockWords(message: MessageView, now: number): { tip: string; spoken: string } | null {
  const { clock, own } = message;
  switch (clock.kind) {
    case 'none':
      return null;
    case 'waiting': {
      const unsent = own && message.state?.kind !== undefined && isUnsent(message.state.kind);
      return { tip: t(unsent ? 'clock.waitsSend' : 'clock.waitsSeen'), spoken: t('clock.waits') };
    }
    case 'running': {
      const mine = own && clock.mode === 'afterRead';
      const words = t(mine ? 'clock.yours' : 'clock.disappears', { moment: moment(clock.endsAt, now) });
      return { tip: words, spoken: `${words}.` };
    }
  }
}

function isUnsent(state: NonNullable<MessageView['state']>['kind']): boolean {
  return state === 'sending' || state === 'asks' || state === 'failed';
}
