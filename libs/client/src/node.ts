import { openLevelGround } from './store/level-ground.js';
import { openHome } from './store/open-home.js';
import type { StoreHome } from './store/store-home.js';

/** The home of one engine's store in a folder, made if it is missing. Throws `StoreBusy` while another engine has it. */
export async function openFolderHome(folder: string): Promise<StoreHome> {
  return openHome(await openLevelGround(folder));
}
