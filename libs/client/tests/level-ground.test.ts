import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLevelGround } from '../src/store/level-ground.js';
import { StoreBusy } from '../src/store/store.js';
import { groundContract } from './ground-contract.js';

const makeFolder = () => mkdtemp(join(tmpdir(), 'wisp-store-'));
const discard = (folder: string) => rm(folder, { recursive: true, force: true });

describe('the ground on LevelDB', () => {
  groundContract(async () => {
    const folder = await makeFolder();
    return {
      open: () => openLevelGround(folder),
      async takeOver(older) {
        await older.close();
        return openLevelGround(folder);
      },
      discard: () => discard(folder),
    };
  });
});

describe('one folder', () => {
  let folder: string;
  let child: ChildProcess | null = null;

  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    child = null;
    await discard(folder);
  });

  /** A process that commits pairs of records and prints the number of each acknowledged commit. */
  function startWriter(from: number) {
    const script = fileURLToPath(new URL('./commit-forever.ts', import.meta.url));
    child = spawn(process.execPath, ['--import', 'tsx', script, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
  }

  test('belongs to one engine at a time', async () => {
    const ground = await openLevelGround(folder);
    await expect(openLevelGround(folder)).rejects.toThrow(StoreBusy);
    await ground.close();
    await (await openLevelGround(folder)).close();
  });

  test('can be entered by its owner only', async () => {
    const ground = await openLevelGround(join(folder, 'new'));
    const { id } = await ground.machineKeys.make();
    expect((await stat(join(folder, 'new'))).mode & 0o077).toBe(0);
    expect((await stat(join(folder, 'new', `machine-${id}.key`))).mode & 0o777).toBe(0o600);
    await ground.clear();
    expect(await readdir(join(folder, 'new'))).toEqual(['records']);
    await ground.close();
  });

  test('is held against another process, and survives its kill in the middle of commits', async () => {
    let acknowledged = -1;
    for (let round = 1; round <= 3; round++) {
      const writer = startWriter(acknowledged + 1);
      for (let count = 0; count < 40; count++) {
        const line = await writer.lines.next();
        if (line.done) throw new Error('the writer ended');
        acknowledged = Number(line.value);
        if (count === 0) await expect(openLevelGround(folder)).rejects.toThrow(StoreBusy);
      }
      writer.child.kill('SIGKILL');
      // What it printed before it died was acknowledged too.
      for (let line = await writer.lines.next(); !line.done; line = await writer.lines.next()) {
        acknowledged = Number(line.value);
      }
      if (writer.child.signalCode === null) await once(writer.child, 'exit');

      const ground = await openLevelGround(folder);
      const [left, right] = [await ground.records.range('left'), await ground.records.range('right')];
      await ground.close();
      expect(left.length).toBeGreaterThan(acknowledged);
      expect(right.map(({ key }) => key)).toEqual(left.map(({ key }) => key));
      expect(right.map(({ value }) => value)).toEqual(left.map(({ value }) => value));
      acknowledged = left.length - 1;
    }
  });
});
