import type { Store } from '../store/store.js';
import { cookieJar, type CookieJar } from '../transport/cookie-jar.js';
import { putAccount, readAccount } from './account-records.js';

/** The cookie jar outside a browser. It rests in the sealed store while one is open. */
export interface StoredCookies extends CookieJar {
  /** Takes the cookies of a store that was opened at start. */
  resume(store: Store): Promise<void>;
  /** Keeps the cookies of a registration or sign-in in its store. */
  keepIn(store: Store): Promise<void>;
  /** The store is about to be locked: its cookies stay in memory only. */
  detach(): void;
  clear(): void;
}

export function storedCookies(): StoredCookies {
  let store: Store | null = null;
  let text: string | null = null;
  let jar = cookieJar(null, save);

  async function save(next: string): Promise<void> {
    text = next;
    await store?.commit([putAccount('cookies', next)]);
  }

  return {
    header: (path) => jar.header(path),
    absorb: (setCookies) => jar.absorb(setCookies),
    async resume(opened) {
      store = opened;
      text = await readAccount(opened, 'cookies');
      jar = cookieJar(text, save);
    },
    async keepIn(opened) {
      store = opened;
      if (text !== null) await save(text);
    },
    detach() {
      store = null;
    },
    clear() {
      store = null;
      text = null;
      jar = cookieJar(null, save);
    },
  };
}
