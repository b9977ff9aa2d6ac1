import { combineReducers } from '@reduxjs/toolkit';
import { accountReducer } from '../features/account/account-slice.js';
import { conversationsReducer } from '../features/conversations/conversations-slice.js';
import { messagesReducer } from '../features/messages/messages-slice.js';
import { settingsReducer } from '../features/settings/settings-slice.js';
import { connectionReducer } from './connection-slice.js';
import { toastsReducer } from './toasts-slice.js';

export const rootReducer = combineReducers({
  account: accountReducer,
  connection: connectionReducer,
  conversations: conversationsReducer,
  messages: messagesReducer,
  settings: settingsReducer,
  toasts: toastsReducer,
});

export type RootState = ReturnType<typeof rootReducer>;
