import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A sentence for the person at the terminal; nothing else needs to be shown. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}

export interface DataFolder {
  path: string;
  release(): Promise<void>;
}

/** Takes the data folder for this process; another run on the same data is refused by name. */
export async function takeDataFolder(path: string): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new StartRefused(
      `Wisp can't write to ${path}. Choose another folder with WISP_DATA=/some/folder.`,
      { cause: error },
    );
  }
  const lock = join(path, 'running');
  for (;;) {
    const file = await create(lock, path);
    if (file !== null) {
      await file.writeFile(String(process.pid));
      await file.close();
      return { path, release: () => rm(lock, { force: true }) };
    }
    const holder = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10);
    if (isAlive(holder)) {
      throw new StartRefused(
        `Wisp is running on this data already (process ${holder}, ${path}). Stop it first, or choose another folder with WISP_DATA=/some/folder.`,
      );
    }
    // Its holder was killed.
    await rm(lock, { force: true });
  }
}

async function create(lock: string, path: string): Promise<FileHandle | null> {
  try {
    return await open(lock, 'wx');
  } catch (error) {
    if (isCode(error, 'EEXIST')) return null;
    throw new StartRefused(
      `Wisp can't write to ${path}. Choose another folder with WISP_DATA=/some/folder.`,
      { cause: error },
    );
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
