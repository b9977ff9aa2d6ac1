import type { MessageKey, Timer } from '@wisp/client';
import type { ConversationId, MessageId } from '@wisp/protocol';
import { createAction } from '@reduxjs/toolkit';
import type { StartListening } from '../../app/start-listening.js';
import { wordsFor } from '../../app/failure-words.js';
import { newsArrived, troubleArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';

interface Submitted {
  conversation: ConversationId;
  text: string;
  timer?: Timer;
  quote?: MessageKey;
}

export const messageSubmitted = createAction<Submitted>('composer/messageSubmitted');
export const writingNoticed = createAction<{ conversation: ConversationId; on: boolean }>(
  'composer/writingNoticed',
);
export const timerChosen = createAction<{ conversation: ConversationId; timer: Timer }>(
  'composer/timerChosen',
);
export const holdReleased = createAction<{ conversation: ConversationId }>('composer/holdReleased');

export function listenToComposer(start: StartListening): void {
  start({
    actionCreator: messageSubmitted,
    effect: async ({ payload }, api) => {
      const { engine } = api.extra;
      try {
        // The id makes the send repeatable: a tab that takes the engine over is simply asked again.
        await engine.send({ ...payload, id: crypto.randomUUID() as MessageId });
      } catch (error) {
        // The words go back into the draft, so nothing that was typed is lost.
        await engine.saveDraft({ conversation: payload.conversation, text: payload.text });
        api.dispatch(troubleArrived(`${wordsFor(error)} ${t('composer.returned')}`));
      }
    },
  });

  start({
    actionCreator: writingNoticed,
    effect: async ({ payload }, api) => {
      await api.extra.engine.setTyping(payload);
    },
  });

  start({
    actionCreator: timerChosen,
    effect: async ({ payload }, api) => {
      try {
        await api.extra.engine.setTimer(payload);
      } catch (error) {
        api.dispatch(newsArrived({ text: `${t('picker.failed')} ${wordsFor(error)}` }));
      }
    },
  });

  start({
    actionCreator: holdReleased,
    effect: async ({ payload }, api) => {
      try {
        await api.extra.engine.releaseHold(payload);
      } catch (error) {
        api.dispatch(troubleArrived(wordsFor(error)));
      }
    },
  });
}
