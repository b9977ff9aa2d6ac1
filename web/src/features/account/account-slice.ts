import type { StartView } from '@wisp/client';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

interface AccountState {
  /** Null until the engine has answered. */
  start: StartView | null;
  failed: boolean;
}

const initialState: AccountState = { start: null, failed: false };

const account = createSlice({
  name: 'account',
  initialState,
  reducers: {
    startChanged: (_, { payload }: PayloadAction<StartView>) => ({ start: payload, failed: false }),
    startFailed: (state) => {
      state.failed = true;
    },
  },
});

export const { startChanged, startFailed } = account.actions;
export const accountReducer = account.reducer;
