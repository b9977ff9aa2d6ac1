import type { EngineEvent, MessageKey, MessageView, Page } from '@wisp/client';
import type { ConversationId, UserId } from '@wisp/protocol';
import { createEntityAdapter, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { startChanged } from '../account/account-slice.js';

const adapter = createEntityAdapter<MessageView, MessageKey>({
  selectId: (message) => message.key,
  sortComparer: (a, b) => a.order - b.order || a.at - b.at,
});

export type Cause = Extract<EngineEvent, { type: 'messagesGone' }>['cause'];

/** The messages of the chat on the screen. Others stay in the engine's store until they are opened. */
const initialState = adapter.getInitialState({
  open: null as ConversationId | null,
  loaded: false,
  /** Older ones are on this device but not in here. */
  more: false,
  loadingOlder: false,
  firstUnread: null as MessageKey | null,
  /** The unread line stands where it stood at opening, also when the first unread message dies. */
  unreadFrom: null as number | null,
  unreadAtOpening: 0,
  /** Died while a page was on its way: that page must not bring them back. */
  goneWhileLoading: [] as MessageKey[],
  /** Deleted for me, while Undo is still offered. */
  hidden: [] as MessageKey[],
  typing: {} as Record<ConversationId, UserId[]>,
  /** The message of somebody else that came last, for the spoken log. */
  newest: null as MessageKey | null,
});

const messages = createSlice({
  name: 'messages',
  initialState,
  reducers: {
    chatOpened: (
      state,
      {
        payload,
      }: PayloadAction<{ conversation: ConversationId; firstUnread: MessageKey | null; unread: number }>,
    ) => ({
      ...initialState,
      open: payload.conversation,
      firstUnread: payload.unread > 0 ? payload.firstUnread : null,
      unreadAtOpening: payload.unread,
      hidden: state.hidden,
      typing: state.typing,
    }),
    chatClosed: (state, { payload }: PayloadAction<{ conversation: ConversationId }>) =>
      state.open === payload.conversation
        ? { ...initialState, hidden: state.hidden, typing: state.typing }
        : state,
    olderWanted: (state, _: PayloadAction<{ conversation: ConversationId; before: MessageKey }>) => {
      state.loadingOlder = true;
    },
    pageLoaded: (state, { payload }: PayloadAction<{ conversation: ConversationId; page: Page }>) => {
      if (state.open !== payload.conversation) return;
      const gone = new Set(state.goneWhileLoading);
      // What came as an event meanwhile is newer than the page.
      adapter.addMany(
        state,
        payload.page.messages.filter((message) => !gone.has(message.key)),
      );
      if (state.firstUnread && state.unreadFrom === null) {
        state.unreadFrom = state.entities[state.firstUnread]?.order ?? null;
      }
      state.more = payload.page.more;
      state.loaded = true;
      state.loadingOlder = false;
      state.goneWhileLoading = [];
    },
    pageMissed: (state, { payload }: PayloadAction<{ conversation: ConversationId }>) => {
      if (state.open !== payload.conversation) return;
      state.loaded = true;
      state.loadingOlder = false;
    },
    messagesReceived: (
      state,
      { payload }: PayloadAction<{ conversation: ConversationId; messages: MessageView[] }>,
    ) => {
      if (state.open !== payload.conversation) return;
      const fresh = payload.messages.filter((message) => !message.own && !(message.key in state.entities));
      const spoken = fresh.at(-1);
      if (spoken && state.loaded) state.newest = spoken.key;
      adapter.setMany(state, payload.messages);
      renewQuotes(state.entities, payload.messages);
    },
    messagesGone: (
      state,
      { payload }: PayloadAction<{ conversation: ConversationId; keys: MessageKey[]; cause: Cause }>,
    ) => {
      const gone = new Set(payload.keys);
      state.hidden = state.hidden.filter((key) => !gone.has(key));
      if (state.open !== payload.conversation) return;
      if (!state.loaded || state.loadingOlder) state.goneWhileLoading.push(...payload.keys);
      adapter.removeMany(state, payload.keys);
      if (state.newest && gone.has(state.newest)) state.newest = null;
      for (const message of Object.values(state.entities)) {
        if (message.content.kind === 'text' && message.content.quote && gone.has(message.content.quote.key)) {
          message.content.quote.excerpt = null;
        }
      }
    },
    typingChanged: (state, { payload }: PayloadAction<{ conversation: ConversationId; users: UserId[] }>) => {
      state.typing[payload.conversation] = payload.users;
    },
    messageHidden: (state, { payload }: PayloadAction<MessageRef>) => {
      state.hidden.push(payload.key);
    },
    messageUnhidden: (state, { payload }: PayloadAction<MessageRef>) => {
      state.hidden = state.hidden.filter((key) => key !== payload.key);
    },
    messagesSeen: (_state, _: PayloadAction<{ conversation: ConversationId; keys: MessageKey[] }>) =>
      undefined,
    messageRetried: (_state, _: PayloadAction<MessageRef>) => undefined,
    deletedForEveryone: (_state, _: PayloadAction<MessageRef>) => undefined,
    deletedForMe: (_state, _: PayloadAction<MessageRef>) => undefined,
  },
  extraReducers: (builder) => {
    builder.addCase(startChanged, (state, { payload }) =>
      payload.kind === 'signed-in' ? state : initialState,
    );
  },
});

const EXCERPT_CHARACTERS = 120;

/** What is quoted changes with its message: new words after an edit, none after a delete for everyone. */
function renewQuotes(entities: Record<MessageKey, MessageView>, changed: MessageView[]): void {
  const excerpts = new Map(
    changed.map(({ key, content }) => [
      key,
      content.kind === 'text' ? Array.from(content.text).slice(0, EXCERPT_CHARACTERS).join('') : null,
    ]),
  );
  for (const { content } of Object.values(entities)) {
    if (content.kind !== 'text' || !content.quote) continue;
    const excerpt = excerpts.get(content.quote.key);
    if (excerpt !== undefined && excerpt !== content.quote.excerpt) content.quote.excerpt = excerpt;
  }
}

export interface MessageRef {
  conversation: ConversationId;
  key: MessageKey;
}

export const {
  chatOpened,
  chatClosed,
  olderWanted,
  pageLoaded,
  pageMissed,
  messagesReceived,
  messagesGone,
  typingChanged,
  messageHidden,
  messageUnhidden,
  messagesSeen,
  messageRetried,
  deletedForEveryone,
  deletedForMe,
} = messages.actions;
export const messagesReducer = messages.reducer;

export const selectMessages = adapter.getSelectors().selectAll;
