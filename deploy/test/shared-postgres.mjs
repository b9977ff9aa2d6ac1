import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';

let server;
let folder;

/** Starts PostgreSQL on a free loopback port in a temporary folder; answers its superuser's URL. */
export async function startPostgres() {
  const parts = await tsImport('../local/src/parts/index.ts', import.meta.url);
  folder = await mkdtemp(join(tmpdir(), 'wisp-test-postgres-'));
  // Root starts PostgreSQL as another user, who has to pass here.
  await chmod(folder, 0o711);
  server = await parts.startPostgres({
    folder: join(folder, 'data'),
    port: await parts.findFreePort(),
    password: 'test',
    maxConnections: 400,
  });
  // A run that is broken off calls no teardown, and PostgreSQL has a process group of its own.
  process.once('exit', endAtOnce);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return server.adminUrl;
}

function endAtOnce() {
  process.kill(server.pid, 'SIGQUIT');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

export async function stopPostgres() {
  process.off('exit', endAtOnce);
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}
