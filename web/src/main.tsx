import { connectEngine, loadStanding } from './app/engine-bridge.js';
import { networkChanged } from './app/connection-slice.js';
import { mount } from './app/mount.js';
import { startFailed } from './features/account/account-slice.js';
import { claimEngine } from './worker/claim-engine.js';
import { reachEngine } from './worker/reach-engine.js';
import { openChannel } from './worker/wire.js';

const engine = reachEngine({ open: openChannel, client: crypto.randomUUID() });
const store = mount(engine);

engine.onMoved(() => {
  void loadStanding(store, engine);
});
window.addEventListener('pagehide', () => {
  void engine.close();
});
window.addEventListener('pageshow', (event) => {
  // A page out of the browser's memory has let go of its engine, and may show what has gone since.
  if (event.persisted) location.reload();
});
for (const type of ['online', 'offline']) {
  window.addEventListener(type, () => {
    store.dispatch(networkChanged(navigator.onLine));
  });
}
store.dispatch(networkChanged(navigator.onLine));
claimEngine({
  onFailure: () => {
    store.dispatch(startFailed());
  },
});
void connectEngine(store, engine);
