import type { SendState } from '@wisp/client';
import type { LucideIcon } from 'lucide-react';
import { Check, CheckCheck, CircleAlert, CircleDashed, Eye } from 'lucide-react';
import { t } from '../../strings/index.js';

/** A message's state as a drawing and a word; it only ever moves forward. */
export function stateFace(state: SendState): { icon: LucideIcon; word: string } {
  switch (state.kind) {
    case 'sending':
    case 'asks':
      return { icon: CircleDashed, word: t('state.sending') };
    case 'sent':
      return { icon: Check, word: t('state.sent') };
    case 'delivered':
      return { icon: CheckCheck, word: t('state.delivered') };
    case 'read':
      return { icon: Eye, word: t('state.read') };
    case 'failed':
      return { icon: CircleAlert, word: t('state.notSent') };
  }
}
