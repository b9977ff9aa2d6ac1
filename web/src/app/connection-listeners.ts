import { startChanged } from '../features/account/account-slice.js';
import { t } from '../strings/index.js';
import { setServerSkew } from '../features/messages/server-clock.js';
import { connectionChanged, connectionWanted, networkChanged } from './connection-slice.js';
import type { StartListening } from './start-listening.js';
import { newsArrived } from './toasts-slice.js';

/** A blink of the connection isn't news; being away for this long is. */
const WORTH_SAYING = 2000;

export function listenToConnection(start: StartListening): void {
  let lostAt: number | null = null;

  start({
    actionCreator: connectionChanged,
    effect: ({ payload }, api) => {
      setServerSkew(payload.clockSkewMs);
      const before = api.getOriginalState().connection;
      if (payload.state !== 'online') {
        const { start: standing } = api.getState().account;
        if (before.view?.state === 'online' && standing?.kind === 'signed-in') lostAt = Date.now();
        return;
      }
      if (lostAt === null) return;
      const away = Date.now() - lostAt;
      lostAt = null;
      if (away < WORTH_SAYING) return;
      const sent = before.waitedOffline;
      api.dispatch(newsArrived({ text: sent > 0 ? t('banner.backSent', { n: sent }) : t('banner.back') }));
    },
  });

  // Whoever signed out wasn't offline.
  start({
    actionCreator: startChanged,
    effect: ({ payload }) => {
      if (payload.kind !== 'signed-in') lostAt = null;
    },
  });

  start({
    actionCreator: networkChanged,
    effect: async ({ payload }, api) => {
      if (payload) await api.extra.engine.wake();
    },
  });

  start({
    actionCreator: connectionWanted,
    effect: async (_, api) => {
      await api.extra.engine.wake();
    },
  });
}
