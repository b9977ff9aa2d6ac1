import type { ConnectionView } from '@wisp/client';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

interface ConnectionState {
  view: ConnectionView | null;
  /** How many messages waited when the connection was lost. */
  waitedOffline: number;
}

const initialState: ConnectionState = { view: null, waitedOffline: 0 };

const connection = createSlice({
  name: 'connection',
  initialState,
  reducers: {
    connectionChanged: (state, { payload }: PayloadAction<ConnectionView>) => {
      if (payload.state !== 'online') state.waitedOffline = Math.max(state.waitedOffline, payload.waiting);
      else if (payload.waiting === 0) state.waitedOffline = 0;
      state.view = payload;
    },
    connectionWanted: () => undefined,
  },
});

export const { connectionChanged, connectionWanted } = connection.actions;
export const connectionReducer = connection.reducer;
