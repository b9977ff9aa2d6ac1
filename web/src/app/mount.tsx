import type { Engine } from '@wisp/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';
import { applyTheme } from '../features/settings/apply-theme.js';
import { rememberIn } from '../features/settings/remembered.js';
import { settingsRemembered } from '../features/settings/settings-slice.js';
import { App } from './App.js';
import { EngineContext } from './hooks.js';
import { createStore, type AppStore } from './store.js';
import '../ui/index.css';

/** Puts the interface on the page, over whatever engine it is given. */
export function mount(engine: Engine): AppStore {
  const remembered = rememberIn(localStorage);
  const theme = remembered.theme();
  applyTheme(theme);
  const store = createStore({ engine, remembered });
  store.dispatch(settingsRemembered({ theme, detailsOpen: remembered.detailsOpen() }));

  const root = document.getElementById('root');
  if (!root) throw new Error('the page has no #root');
  createRoot(root).render(
    <StrictMode>
      <Provider store={store}>
        <EngineContext value={engine}>
          <App />
        </EngineContext>
      </Provider>
    </StrictMode>,
  );
  return store;
}
