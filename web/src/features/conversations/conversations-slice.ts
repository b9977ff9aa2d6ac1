import type { ConversationView } from '@wisp/client';
import type { ConversationId } from '@wisp/protocol';
import { createEntityAdapter, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { startChanged } from '../account/account-slice.js';
import { messagesGone } from '../messages/messages-slice.js';

const adapter = createEntityAdapter<ConversationView>({
  sortComparer: (a, b) => b.activeAt - a.activeAt || a.id.localeCompare(b.id),
});

const initialState = adapter.getInitialState({ loaded: false });

const conversations = createSlice({
  name: 'conversations',
  initialState,
  reducers: {
    conversationsLoaded: (state, { payload }: PayloadAction<ConversationView[]>) => {
      adapter.setAll(state, payload);
      state.loaded = true;
    },
    conversationChanged: (state, { payload }: PayloadAction<ConversationView>) => {
      adapter.setOne(state, payload);
    },
    conversationRemoved: (state, { payload }: PayloadAction<ConversationId>) => {
      adapter.removeOne(state, payload);
    },
  },
  extraReducers: (builder) => {
    // A snippet dies with its message, without waiting for the conversation's own news.
    builder.addCase(messagesGone, (state, { payload }) => {
      const conversation = state.entities[payload.conversation];
      const snippet = conversation?.snippet;
      if (conversation && snippet && payload.keys.includes(snippet.key)) conversation.snippet = null;
    });
    builder.addCase(startChanged, (state, { payload }) =>
      payload.kind === 'signed-in' ? state : initialState,
    );
  },
});

export const { conversationsLoaded, conversationChanged, conversationRemoved } = conversations.actions;
export const conversationsReducer = conversations.reducer;

/** Chats with people; the conversation with oneself carries marks between devices and is no chat. */
const shown = (conversation: ConversationView) => conversation.kind !== 'self';

const selectors = adapter.getSelectors();

export function selectChats(state: typeof initialState): ConversationView[] {
  return selectors.selectAll(state).filter(shown);
}

export function selectChat(state: typeof initialState, id: string): ConversationView | undefined {
  return state.entities[id as ConversationId];
}
