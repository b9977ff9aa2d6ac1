import { openEngine } from '@wisp/client/browser';
import { serveEngine } from './serve-engine.js';
import { openChannel } from './wire.js';

/** The Worker's whole life: open the engine, serve the tabs. */
const engine = openEngine({ server: self.location.origin, store: 'wisp' });
// At once, so that a tab whose engine has moved here finds it open.
void engine.start();
serveEngine({ engine, open: openChannel, id: crypto.randomUUID() });
