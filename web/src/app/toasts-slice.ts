import { createSlice, nanoid, type PayloadAction, type UnknownAction } from '@reduxjs/toolkit';
import type { ToastView } from '../ui/Toasts.js';

interface Toast extends ToastView {
  /** What its button says happened. */
  onAct: UnknownAction | null;
}

const MOST = 3;
const NEWS_STAYS = 5000;
const ACTION_STAYS = 10_000;

interface News {
  text: string;
  action?: { label: string; means: UnknownAction; stays?: number };
}

const toasts = createSlice({
  name: 'toasts',
  initialState: [] as Toast[],
  reducers: {
    newsArrived: {
      prepare: (news: News) => ({ payload: { ...news, id: nanoid() } }),
      reducer: (state, { payload }: PayloadAction<News & { id: string }>) => {
        const { id, text, action } = payload;
        push(state, {
          id,
          text,
          tone: 'news',
          stays: action ? (action.stays ?? ACTION_STAYS) : NEWS_STAYS,
          action: action ? { label: action.label } : null,
          onAct: action?.means ?? null,
        });
      },
    },
    troubleArrived: {
      prepare: (text: string) => ({ payload: { id: nanoid(), text } }),
      reducer: (state, { payload }: PayloadAction<{ id: string; text: string }>) => {
        push(state, { ...payload, tone: 'error', stays: null, action: null, onAct: null });
      },
    },
    toastDismissed: (state, { payload }: PayloadAction<string>) =>
      state.filter((toast) => toast.id !== payload),
  },
});

function push(state: Toast[], toast: Toast): void {
  const same = state.findIndex((other) => other.text === toast.text && !other.action && !toast.action);
  if (same >= 0) state.splice(same, 1);
  state.push(toast);
  if (state.length > MOST) state.shift();
}

export const { newsArrived, troubleArrived, toastDismissed } = toasts.actions;
export const toastsReducer = toasts.reducer;
