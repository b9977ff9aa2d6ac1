import { configureStore, createListenerMiddleware } from '@reduxjs/toolkit';
import { listenToAccount } from '../features/account/account-listeners.js';
import { listenToComposer } from '../features/composer/composer-listeners.js';
import { listenToConversations } from '../features/conversations/conversation-listeners.js';
import { listenToDeletions } from '../features/messages/deletion-listeners.js';
import { listenToMessages } from '../features/messages/message-listeners.js';
import { listenToSettings } from '../features/settings/settings-listeners.js';
import { listenToConnection } from './connection-listeners.js';
import { rootReducer } from './root-reducer.js';
import type { Dependencies, StartListening } from './start-listening.js';

export type AppStore = ReturnType<typeof createStore>;
export type AppDispatch = AppStore['dispatch'];

export function createStore(dependencies: Dependencies) {
  const listeners = createListenerMiddleware({
    extra: dependencies,
    // What a person has to know, each listener says itself; the rest (“is typing” after signing out) may fail.
    onError: () => undefined,
  });
  const store = configureStore({
    reducer: rootReducer,
    // A recorded history of actions would outlive the messages in it.
    devTools: false,
    middleware: (defaults) => defaults().prepend(listeners.middleware),
  });
  const start = listeners.startListening as StartListening;
  listenToAccount(start);
  listenToConnection(start);
  listenToConversations(start);
  listenToMessages(start);
  listenToDeletions(start);
  listenToComposer(start);
  listenToSettings(start);
  return store;
}
