import { createLogger } from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { StartRefused, takeDataFolder } from './data-folder.js';
import { startEmbedded } from './embedded.js';
import { findFreePort } from './parts/child-process.js';
import { startPostgres } from './parts/postgres.js';
import { assertPortIsFree } from './port.js';
import { provisionDatabase } from './provision.js';
import { loadSecrets } from './secrets.js';

/*
 * `npm start`: the whole chat in one process, on one port, with its data in one folder. Ctrl-C stops it; after a
 * kill -9 the next start goes on from what was stored.
 */

const DEFAULT_PORT = 8080;
const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));

function say(text: string): void {
  console.log(text);
}

async function start(): Promise<() => Promise<void>> {
  const port = readPort(process.env.WISP_PORT);
  const folder = resolve(process.env.WISP_DATA ?? join(projectFolder, '.wisp'));
  await assertPortIsFree(port);
  const data = await takeDataFolder(folder);
  const secrets = await loadSecrets(folder);
  say('Starting PostgreSQL …');
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await findFreePort(),
    password: secrets.postgres,
  });
  if (!postgres.folder.startsWith(folder))
    say(`The database lies in ${postgres.folder}: PostgreSQL's own user can't enter ${folder}.`);
  const databases = await provisionDatabase(postgres.adminUrl, {
    database: 'wisp',
    roles: [
      { name: 'auth', password: secrets.authDatabase },
      { name: 'groups', password: secrets.groupsDatabase },
      { name: 'messages', password: secrets.messagesDatabase },
    ],
  });
  say('Starting the services …');
  const logger = createLogger({
    service: 'wisp',
    level: process.env.WISP_VERBOSE === 'true' ? 'info' : 'warn',
  });
  const wisp = await startEmbedded({
    port,
    databases,
    secrets,
    webFolder: join(projectFolder, 'web/dist'),
    logger,
  });
  say(`\n  Wisp is running: ${wisp.url}\n\n  Its data lies in ${folder}. Ctrl-C stops it.\n`);
  return async () => {
    say('\nStopping …');
    await wisp.drain();
    await wisp.stop();
    await postgres.stop();
    await data.release();
  };
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartRefused(`WISP_PORT is a number from 1 to 65535, not "${text}".`);
  return port;
}

let stop: (() => Promise<void>) | null = null;
let isEnding = false;

async function end(): Promise<void> {
  if (isEnding) process.exit(1);
  isEnding = true;
  await stop?.();
  process.exit(0);
}
process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());

try {
  stop = await start();
} catch (error) {
  console.error(error instanceof StartRefused ? error.message : error);
  process.exit(1);
}
