import type { StartListening } from '../../app/start-listening.js';
import { troubleArrived } from '../../app/toasts-slice.js';
import { wordsFor } from '../../app/failure-words.js';
import { messageRetried, messagesSeen } from './messages-slice.js';

export function listenToMessages(start: StartListening): void {
  start({
    actionCreator: messagesSeen,
    effect: async ({ payload }, api) => {
      await api.extra.engine.markSeen(payload);
    },
  });

  start({
    actionCreator: messageRetried,
    effect: async ({ payload }, api) => {
      try {
        await api.extra.engine.sendAgain(payload);
      } catch (error) {
        api.dispatch(troubleArrived(wordsFor(error)));
      }
    },
  });
}
