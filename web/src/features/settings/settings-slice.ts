import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

export type Theme = 'system' | 'light' | 'dark';

interface SettingsState {
  theme: Theme;
  detailsOpen: boolean;
}

const initialState: SettingsState = { theme: 'system', detailsOpen: false };

const settings = createSlice({
  name: 'settings',
  initialState,
  reducers: {
    settingsRemembered: (_, { payload }: PayloadAction<SettingsState>) => payload,
    themeChosen: (state, { payload }: PayloadAction<Theme>) => {
      state.theme = payload;
    },
    detailsToggled: (state, { payload }: PayloadAction<boolean>) => {
      state.detailsOpen = payload;
    },
  },
});

export const { settingsRemembered, themeChosen, detailsToggled } = settings.actions;
export const settingsReducer = settings.reducer;
