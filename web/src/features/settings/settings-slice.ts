import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

export type Theme = 'system' | 'light' | 'dark';

interface SettingsState {
  theme: Theme;
  detailsOpen: boolean;
}

const settings = createSlice({
  name: 'settings',
  initialState: { theme: 'system', detailsOpen: false } as SettingsState,
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
