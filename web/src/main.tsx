import { connectEngine, loadStanding } from './app/engine-bridge.js';
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
claimEngine({
  onFailure: () => {
    store.dispatch(startFailed());
  },
});
void connectEngine(store, engine);
