import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './error-code.js';
import type { MachineKeys } from './ground.js';

const KEY_BYTES = 32;

/** Machine keys as files `machine-<id>.key` (mode 0600) beside the records. */
export function fileMachineKeys(folder: string): MachineKeys {
  const file = (id: string) => join(folder, `machine-${id}.key`);
  return {
    async make() {
      const id = crypto.randomUUID();
      const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
      await writeDurably(folder, file(id), bytes);
      return { id, key: await importKey(bytes) };
    },
    async get(id) {
      try {
        return { id, key: await importKey(await readFile(file(id))) };
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return null;
        throw error;
      }
    },
    async keepOnly(id) {
      const names = (await readdir(folder)).filter((name) => /^machine-.*\.key(\.new)?$/.test(name));
      for (const name of names) {
        if (join(folder, name) !== file(id)) await rm(join(folder, name), { force: true });
      }
      await syncFolder(folder);
    },
  };
}

function importKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function writeDurably(folder: string, file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await syncFolder(folder);
}

/** A rename survives a power cut only once its folder was synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
