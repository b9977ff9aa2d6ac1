import type { Engine } from '@wisp/client';
import {
  combineReducers,
  configureStore,
  createListenerMiddleware,
  type TypedStartListening,
} from '@reduxjs/toolkit';
import { accountReducer } from '../features/account/account-slice.js';
import { listenToAccount } from '../features/account/account-listeners.js';
import { listenToComposer } from '../features/composer/composer-listeners.js';
import { listenToConversations } from '../features/conversations/conversation-listeners.js';
import { conversationsReducer } from '../features/conversations/conversations-slice.js';
import { listenToDeletions } from '../features/messages/deletion-listeners.js';
import { listenToMessages } from '../features/messages/message-listeners.js';
import { messagesReducer } from '../features/messages/messages-slice.js';
import { listenToSettings, type Remembered } from '../features/settings/settings-listeners.js';
import { settingsReducer } from '../features/settings/settings-slice.js';
import { connectionReducer } from './connection-slice.js';
import { listenToConnection } from './connection-listeners.js';
import { toastsReducer } from './toasts-slice.js';

/** What listeners act through. */
export interface Dependencies {
  engine: Engine;
  /** Small things that a tab remembers about itself: the theme, an open pane. Never a text. */
  remembered: Remembered;
}

const reducer = combineReducers({
  account: accountReducer,
  connection: connectionReducer,
  conversations: conversationsReducer,
  messages: messagesReducer,
  settings: settingsReducer,
  toasts: toastsReducer,
});

export type RootState = ReturnType<typeof reducer>;
export type AppStore = ReturnType<typeof createStore>;
export type AppDispatch = AppStore['dispatch'];
export type StartListening = TypedStartListening<RootState, AppDispatch, Dependencies>;

export function createStore(dependencies: Dependencies) {
  const listeners = createListenerMiddleware({
    extra: dependencies,
    // What a person has to know, each listener says itself; the rest (a draft after signing out) may fail.
    onError: () => undefined,
  });
  const store = configureStore({
    reducer,
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
