import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withinReach } from '../src/parts/postgres-programs.js';

test('programs in a closed folder are copied once to an open one, links and modes included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wisp-programs-'));
  try {
    const bin = join(folder, 'closed/native/bin');
    const copiesIn = join(folder, 'open');
    await mkdir(bin, { recursive: true });
    await mkdir(copiesIn);
    await writeFile(join(bin, 'postgres-18'), '#!/bin/sh\necho here', { mode: 0o755 });
    await symlink('postgres-18', join(bin, 'postgres'));
    await symlink('postgres-18', join(bin, 'initdb'));
    const programs = { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };

    await chmod(folder, 0o755);
    expect(await withinReach(programs, { copiesIn })).toEqual(programs);
    expect(await readdir(copiesIn)).toEqual([]);

    await chmod(join(folder, 'closed'), 0o700);
    const [first, second] = await Promise.all([
      withinReach(programs, { copiesIn }),
      withinReach(programs, { copiesIn }),
    ]);
    expect(second).toEqual(first);
    expect(await readdir(copiesIn)).toHaveLength(1);
    expect(first.postgres.startsWith(copiesIn)).toBe(true);
    await rm(join(folder, 'closed'), { recursive: true });
    for (const program of Object.values(first)) {
      expect(execFileSync(program, { encoding: 'utf8' })).toBe('here\n');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
