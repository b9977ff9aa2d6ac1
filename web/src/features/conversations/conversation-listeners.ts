import type { StartListening } from '../../app/start-listening.js';
import { chatClosed, chatOpened, olderWanted, pageLoaded, pageMissed } from '../messages/messages-slice.js';

const PAGE = 60;

export function listenToConversations(start: StartListening): void {
  start({
    actionCreator: chatOpened,
    effect: async ({ payload }, api) => {
      const { engine } = api.extra;
      try {
        await engine.watch(payload.conversation);
        const page = await engine.messages({ conversation: payload.conversation, limit: PAGE });
        api.dispatch(pageLoaded({ conversation: payload.conversation, page }));
      } catch {
        api.dispatch(pageMissed({ conversation: payload.conversation }));
      }
    },
  });

  start({
    actionCreator: chatClosed,
    effect: async (_, api) => {
      if (api.getState().messages.open === null) await api.extra.engine.watch(null);
    },
  });

  start({
    actionCreator: olderWanted,
    effect: async ({ payload }, api) => {
      try {
        const page = await api.extra.engine.messages({ ...payload, limit: PAGE });
        api.dispatch(pageLoaded({ conversation: payload.conversation, page }));
      } catch {
        api.dispatch(pageMissed({ conversation: payload.conversation }));
      }
    },
  });
}
