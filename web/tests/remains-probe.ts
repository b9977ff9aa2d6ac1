import { openBrowserHome } from '@wisp/client/browser';
import { reachEngine } from '../src/worker/reach-engine.js';
import { openChannel } from '../src/worker/wire.js';

/*
 * Runs on a page of the app's origin that is not the app. Everything that this browser keeps is read: as the bytes
 * that lie there, as the records that the store's own key opens, and as what the running engine answers.
 */

const STORE = 'wisp';
const COPY = 'wisp-remains';

export interface KeptRemains {
  /** Places where one of the texts stands. */
  found: string[];
  /** Records that were opened with the store's key, so that nobody takes an empty look for a clean one. */
  opened: number;
}

export async function lookIntoBrowser(texts: readonly string[]): Promise<KeptRemains> {
  const kept: Place[] = [{ where: 'localStorage', what: JSON.stringify(localStorage) }];
  kept.push({ where: 'cookies', what: document.cookie });
  for (const { name } of await indexedDB.databases()) {
    for (const { store, key, value } of await readAll(name ?? '')) {
      kept.push({ where: `IndexedDB ${store} ${JSON.stringify(key)}`, what: [key, value] });
    }
  }
  const opened = await openRecords();
  kept.push(...opened, ...(await askEngine()), ...(await readCaches()));
  const found = kept.filter(({ what }) => texts.some((text) => holds(what, text)));
  return { found: found.map(({ where }) => where), opened: opened.length };
}

interface Place {
  where: string;
  what: unknown;
}

interface RawRecord {
  store: string;
  key: IDBValidKey;
  value: unknown;
}

async function readAll(name: string): Promise<RawRecord[]> {
  const db = await asked(indexedDB.open(name));
  const all: RawRecord[] = [];
  for (const store of Array.from(db.objectStoreNames)) {
    const records = db.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([asked(records.getAllKeys()), asked(records.getAll())]);
    all.push(...keys.map((key, at) => ({ store, key, value: values[at] as unknown })));
  }
  db.close();
  return all;
}

/** Opens a copy: opening the store itself would take it from the running engine. */
async function openRecords(): Promise<Place[]> {
  const raw = await readAll(STORE);
  const empty = await openBrowserHome(COPY);
  await empty.close();
  const db = await asked(indexedDB.open(COPY));
  const tx = db.transaction(Array.from(db.objectStoreNames), 'readwrite');
  for (const { store, key, value } of raw) tx.objectStore(store).put(value, key);
  await new Promise((resolve) => {
    tx.oncomplete = resolve;
  });
  db.close();

  const home = await openBrowserHome(COPY);
  const store = await home.open();
  const collections = new Set(
    raw.filter((record) => record.store === 'records').map(({ key }) => (key as string[])[0] ?? ''),
  );
  // What names the owner lies beside the sealed records.
  collections.delete('home');
  const opened: Place[] = [];
  for (const collection of collections) {
    for (const { key, value } of await store.range(collection)) {
      opened.push({ where: `opened ${collection} ${key}`, what: value });
    }
  }
  await home.close();
  await asked(indexedDB.deleteDatabase(COPY));
  return opened;
}

async function askEngine(): Promise<Place[]> {
  const engine = reachEngine({ open: openChannel, client: crypto.randomUUID() });
  const answers: Place[] = [];
  for (const conversation of await engine.conversations()) {
    const page = await engine.messages({ conversation: conversation.id, limit: 10_000 });
    answers.push({ where: `engine ${conversation.title}`, what: [conversation, page] });
  }
  await engine.close();
  return answers;
}

async function readCaches(): Promise<Place[]> {
  const cached: Place[] = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const body = await (await cache.match(request))?.text();
      cached.push({ where: `cache ${name}`, what: [request.url, body] });
    }
  }
  return cached;
}

/** As text, or as bytes in one of the encodings that a browser may choose. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (value instanceof Uint8Array) return [utf8(text), utf16(text)].some((needle) => contains(value, needle));
  if (value instanceof ArrayBuffer) return holds(new Uint8Array(value), text);
  if (value === null || typeof value !== 'object') return false;
  return Object.values(value).some((part) => holds(part, text));
}

function contains(bytes: Uint8Array, needle: Uint8Array): boolean {
  for (let from = bytes.indexOf(needle[0] ?? 0); from >= 0; from = bytes.indexOf(needle[0] ?? 0, from + 1)) {
    if (needle.every((byte, at) => bytes[from + at] === byte)) return true;
  }
  return false;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
}

function asked<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB refused'));
    };
  });
}
