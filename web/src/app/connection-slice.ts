import type { ConnectionView } from '@wisp/client';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

interface ConnectionState {
  view: ConnectionView | null;
  /** False: this device says that it has no network, before the engine's socket notices. */
  network: boolean;
  /** How many messages waited when the connection was lost. */
  waitedOffline: number;
}

const initialState: ConnectionState = { view: null, network: true, waitedOffline: 0 };

const connection = createSlice({
  name: 'connection',
  initialState,
  reducers: {
    connectionChanged: (state, { payload }: PayloadAction<ConnectionView>) => {
      if (payload.state !== 'online') state.waitedOffline = Math.max(state.waitedOffline, payload.waiting);
      else if (payload.waiting === 0) state.waitedOffline = 0;
      state.view = payload;
    },
    networkChanged: (state, { payload }: PayloadAction<boolean>) => {
      state.network = payload;
    },
    connectionWanted: () => undefined,
  },
});

export const { connectionChanged, networkChanged, connectionWanted } = connection.actions;
export const connectionReducer = connection.reducer;

/** Does what is sent now go out at once? */
export function isOnline({ view, network }: ConnectionState): boolean {
  return network && view?.state === 'online';
}
