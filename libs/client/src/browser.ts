import { openIndexedDbGround } from './store/indexeddb-ground.js';
import { openHome } from './store/open-home.js';
import type { StoreHome } from './store/store-home.js';

/** The home of one engine's store in the IndexedDB database `name`; takes it over from an older engine. */
export async function openBrowserHome(name: string): Promise<StoreHome> {
  return openHome(await openIndexedDbGround(name));
}
