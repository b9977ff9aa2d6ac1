import type { StartListening } from '../../app/start-listening.js';
import { applyTheme } from './apply-theme.js';
import { detailsToggled, themeChosen } from './settings-slice.js';

export function listenToSettings(start: StartListening): void {
  start({
    actionCreator: themeChosen,
    effect: ({ payload }, api) => {
      applyTheme(payload);
      api.extra.remembered.rememberTheme(payload);
    },
  });

  start({
    actionCreator: detailsToggled,
    effect: ({ payload }, api) => {
      api.extra.remembered.rememberDetails(payload);
    },
  });
}
