import { storedCookies } from './account/stored-cookies.js';
import { systemClock, type Clock } from './clock.js';
import { createEngine } from './engine.js';
import type { Engine } from './face.js';
import { openLevelGround } from './store/level-ground.js';
import { openHome } from './store/open-home.js';
import type { StoreHome } from './store/store-home.js';

export * from './index.js';

/** The home of one engine's store in a folder, made if it is missing. Throws `StoreBusy` while another engine has it. */
export async function openFolderHome(folder: string): Promise<StoreHome> {
  return openHome(await openLevelGround(folder));
}

export interface NodeEngineOptions {
  /** Where the services are reached: `https://wisp.example`. */
  server: string;
  /** This device's store; one engine at a time. */
  folder: string;
  /** For tests that drive time by hand. */
  clock?: Clock;
  random?: () => number;
  fetch?: typeof fetch;
}

/** An engine in Node, for bots, tests and load. Call `start()` first. */
export function openEngine(options: NodeEngineOptions): Engine {
  return createEngine({
    baseUrl: options.server,
    openHome: () => openFolderHome(options.folder),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    hasNetwork: () => true,
    cookies: storedCookies(),
  });
}
