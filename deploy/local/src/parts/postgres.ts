import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { partOf, untilReady, type Part } from './child-process.js';
import { commandLineOf } from './command-line.js';
import { isThere } from './is-there.js';
import { canOthersEnter, findPostgresPrograms, withinReach } from './postgres-programs.js';

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
  /** 200 if absent. */
  readonly maxConnections?: number;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
/** Where PostgreSQL's own user may enter. */
const OPEN_FOLDER = '/var/lib';

/**
 * Starts real PostgreSQL (from an npm package) on loopback, on data that survives. A server that a killed run left
 * behind is stopped first. Run as root, PostgreSQL runs as the user `postgres`, who must be able to enter every
 * folder above its data and its programs: where that can't be, they go to a folder under /var/lib.
 */
export async function startPostgres(settings: LocalPostgresSettings): Promise<LocalPostgres> {
  const { port, password, maxConnections = 200 } = settings;
  const folder = await dataFolder(settings.folder);
  await stopLeftover(folder);
  const found = await findPostgresPrograms();
  const { postgres, initdb } = isRoot ? await withinReach(found, { copiesIn: OPEN_FOLDER }) : found;
  const owner = isRoot ? await postgresUser() : undefined;
  if (!(await isThere(join(folder, 'PG_VERSION')))) await initialise({ initdb, folder, password, owner });

  const flags = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${maxConnections}`,
  ];
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
  const exists = await id('-u').then(
    () => true,
    () => false,
  );
  if (!exists) await run('useradd', ['--system', '--user-group', 'postgres']);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function dataFolder(wanted: string): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true });
  if (!isRoot || (await canOthersEnter(dirname(wanted)))) return wanted;
  const elsewhere = join(
    OPEN_FOLDER,
    `wisp-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`,
  );
  await mkdir(elsewhere, { recursive: true });
  await chmod(elsewhere, 0o755);
  return join(elsewhere, 'postgres');
}

/** After a kill -9 of its parent PostgreSQL runs on; it would hold the data. */
async function stopLeftover(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => null);
  if (text === null) return;
  const pid = Number.parseInt(text, 10);
  if (!(await servesFolder(pid, folder))) {
    await rm(pidFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  for (let tries = 0; tries < 100 && (await servesFolder(pid, folder)); tries += 1) await pause(100);
  if (await servesFolder(pid, folder))
    throw new Error(`A PostgreSQL of an earlier run (process ${pid}) doesn't stop.`);
}

/** Numbers of processes come again: only the server of this very data may be ended. */
async function servesFolder(pid: number, folder: string): Promise<boolean> {
  const command = await commandLineOf(pid);
  return command !== null && command.includes('postgres') && command.includes(folder);
}
