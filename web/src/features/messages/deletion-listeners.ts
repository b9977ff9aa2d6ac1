import { isOnline } from '../../app/connection-slice.js';
import type { StartListening } from '../../app/start-listening.js';
import { newsArrived, troubleArrived } from '../../app/toasts-slice.js';
import { t } from '../../strings/index.js';
import { conversationsLoaded } from '../conversations/conversations-slice.js';
import { deletedForEveryone, deletedForMe, messageHidden, messageUnhidden } from './messages-slice.js';

const UNDO_STAYS = 5000;

export function listenToDeletions(start: StartListening): void {
  start({
    actionCreator: deletedForMe,
    effect: async ({ payload }, api) => {
      const { engine, remembered } = api.extra;
      // A tab that closes within these seconds leaves the deletion for the next start.
      remembered.keepPendingDeletion(payload);
      api.dispatch(messageHidden(payload));
      const undo = messageUnhidden(payload);
      api.dispatch(
        newsArrived({
          text: t('delete.doneMe'),
          action: { label: t('delete.undo'), means: undo, stays: UNDO_STAYS },
        }),
      );
      const undone = await api.condition(
        (action) => messageUnhidden.match(action) && action.payload.key === payload.key,
        UNDO_STAYS,
      );
      if (!undone) {
        try {
          await engine.deleteForMe(payload);
        } catch {
          api.dispatch(undo);
          api.dispatch(troubleArrived(t('delete.failed')));
        }
      }
      remembered.dropPendingDeletion(payload);
    },
  });

  start({
    actionCreator: deletedForEveryone,
    effect: async ({ payload }, api) => {
      try {
        await api.extra.engine.deleteForEveryone(payload);
        const online = isOnline(api.getState().connection);
        api.dispatch(newsArrived({ text: online ? t('delete.doneEveryone') : t('delete.offline') }));
      } catch {
        api.dispatch(troubleArrived(t('delete.failed')));
      }
    },
  });

  start({
    actionCreator: conversationsLoaded,
    effect: async (_, api) => {
      const { engine, remembered } = api.extra;
      const running = new Set(api.getState().messages.hidden);
      for (const deletion of remembered.pendingDeletions()) {
        if (running.has(deletion.key)) continue;
        await engine.deleteForMe(deletion);
        remembered.dropPendingDeletion(deletion);
      }
    },
  });
}
