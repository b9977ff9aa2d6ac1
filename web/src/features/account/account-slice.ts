import type { EngineEvent, StartView } from '@wisp/client';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

type Caught = Extract<EngineEvent, { type: 'serverCaught' }>['over'];

interface AccountState {
  /** Null until the engine has answered. */
  start: StartView | null;
  failed: boolean;
  /** What the server lied about; said until the page is loaded anew. */
  caught: Caught | null;
}

const initialState: AccountState = { start: null, failed: false, caught: null };

const account = createSlice({
  name: 'account',
  initialState,
  reducers: {
    startChanged: (state, { payload }: PayloadAction<StartView>) => ({
      start: payload,
      failed: false,
      caught: payload.kind === 'signed-in' ? state.caught : null,
    }),
    startFailed: (state) => {
      state.failed = true;
    },
    serverCaught: (state, { payload }: PayloadAction<Caught>) => {
      state.caught = payload;
    },
  },
});

export const { startChanged, startFailed, serverCaught } = account.actions;
export const accountReducer = account.reducer;
