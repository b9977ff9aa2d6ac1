import type { StartListening } from '../../app/start-listening.js';
import { conversationsLoaded } from '../conversations/conversations-slice.js';
import { startChanged, startFailed } from './account-slice.js';

export function listenToAccount(start: StartListening): void {
  start({
    actionCreator: startChanged,
    effect: async ({ payload }, api) => {
      if (payload.kind !== 'signed-in') return;
      try {
        api.dispatch(conversationsLoaded(await api.extra.engine.conversations()));
      } catch {
        api.dispatch(startFailed());
      }
    },
  });
}
