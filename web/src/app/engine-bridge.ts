import type { Engine, EngineEvent } from '@wisp/client';
import { serverCaught, startChanged, startFailed } from '../features/account/account-slice.js';
import { conversationChanged, conversationRemoved } from '../features/conversations/conversations-slice.js';
import { messagesGone, messagesReceived, typingChanged } from '../features/messages/messages-slice.js';
import { connectionChanged } from './connection-slice.js';
import { newsArrived, troubleArrived } from './toasts-slice.js';
import type { AppStore } from './store.js';
import { t } from '../strings/index.js';

/** Turns the engine's events into actions, and loads where things stand. */
export async function connectEngine(store: AppStore, engine: Engine): Promise<void> {
  engine.on((event) => {
    store.dispatch(actionFor(event));
  });
  await loadStanding(store, engine);
}

/** Also after the engine has moved to another tab: what stood here may have changed meanwhile. */
export async function loadStanding(store: AppStore, engine: Engine): Promise<void> {
  try {
    const [start, connection] = await Promise.all([engine.start(), engine.connection()]);
    store.dispatch(connectionChanged(connection));
    store.dispatch(startChanged(start));
  } catch {
    store.dispatch(startFailed());
  }
}

function actionFor(event: EngineEvent) {
  switch (event.type) {
    case 'startChanged':
      return startChanged(event.start);
    case 'connectionChanged':
      return connectionChanged(event.connection);
    case 'conversationChanged':
      return conversationChanged(event.conversation);
    case 'conversationRemoved':
      return conversationRemoved(event.conversation);
    case 'messagesChanged':
      return messagesReceived({ conversation: event.conversation, messages: event.messages });
    case 'messagesGone':
      return messagesGone({ conversation: event.conversation, keys: event.keys, cause: event.cause });
    case 'editRefused':
      return troubleArrived(t('composer.editing.refused'));
    case 'typingChanged':
      return typingChanged({ conversation: event.conversation, users: event.users });
    case 'devicesAdded':
      return newsArrived({ text: t('devices.added', { n: event.devices.length }) });
    case 'serverCaught':
      return serverCaught(event.over);
  }
}
