import { systemClock } from './clock.js';
import { createEngine } from './engine.js';
import type { Engine } from './face.js';
import { openIndexedDbGround } from './store/indexeddb-ground.js';
import { openHome } from './store/open-home.js';
import type { StoreHome } from './store/store-home.js';

export * from './index.js';

/** The home of one engine's store in the IndexedDB database `name`; takes it over from an older engine. */
export async function openBrowserHome(name: string): Promise<StoreHome> {
  return openHome(await openIndexedDbGround(name));
}

export interface BrowserEngineOptions {
  /** Where the services are reached: the page's own origin, as a rule. */
  server: string;
  /** The name of the IndexedDB database. */
  store: string;
}

/** An engine in a browser; run it in a Worker under an exclusive Web Lock. Call `start()` first. */
export function openEngine({ server, store }: BrowserEngineOptions): Engine {
  return createEngine({
    baseUrl: server,
    openHome: () => openBrowserHome(store),
    fetch: (input, init) => fetch(input, init),
    clock: systemClock,
    random: Math.random,
    hasNetwork: () => navigator.onLine,
    cookies: null,
  });
}
