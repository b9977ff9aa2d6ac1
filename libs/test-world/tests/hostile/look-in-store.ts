import { openFolderHome } from '@wisp/client/node';
import type { Person } from '../../src/index.js';

/** The engine's collections that could ever hold something of a message (libs/client/src/conversations/keys.ts). */
const COLLECTIONS = [
  'conversations',
  'sessions',
  'messages',
  'places',
  'outbox',
  'deadlines',
  'pending-commits',
  'hashes',
  'deletions',
  'sync',
  'account',
  'contacts',
  'key-packages',
];

/** In which records of somebody's store a text stands, opened as their engine opens them. The engine is closed for it. */
export async function lookInStore(person: Person, text: string): Promise<string[]> {
  await person.engine.close();
  const home = await openFolderHome(person.folder);
  try {
    const store = await home.open();
    const found: string[] = [];
    for (const collection of COLLECTIONS) {
      for (const { key, value } of await store.range(collection)) {
        if (value === null) throw new Error(`${collection} ${key} is damaged`);
        if (`${key} ${new TextDecoder().decode(value)}`.includes(text)) found.push(`${collection} ${key}`);
      }
    }
    return found;
  } finally {
    await home.close();
  }
}
