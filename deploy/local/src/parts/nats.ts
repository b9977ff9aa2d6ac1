import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, startPart, type Part } from './child-process.js';

/** One user per service; what each may say and hear stands in `deploy/local/nats/nats.conf`. */
export const natsUsers = ['auth-service', 'group-service', 'message-service', 'gateway'] as const;
export type NatsUser = (typeof natsUsers)[number];
export type NatsPasswords = Readonly<Record<NatsUser, string>>;

export interface NatsPart extends Part {
  /** For `connectNats({ servers })`. */
  readonly url: string;
}

export interface StartNatsOptions {
  /** The same again after a kill; a free one by default. */
  readonly port?: number;
  /** Turns on users and their allow-lists. Without it anybody on the loopback may do anything: for tests. */
  readonly passwords?: NatsPasswords;
  /** Bytes; 2 MiB by default. Only without `passwords`. */
  readonly maxPayload?: number;
}

/** The configuration file of every NATS that Wisp uses; passwords come from the environment. */
export const natsConfig = fileURLToPath(new URL('../../nats/nats.conf', import.meta.url));

/** Starts nats-server on the loopback, core only, nothing on disk. */
export async function startNats(options: StartNatsOptions = {}): Promise<NatsPart> {
  const { port = await findFreePort(), passwords, maxPayload = 2 * 1024 * 1024 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'wisp-nats-'));
  try {
    const config = join(folder, 'nats.conf');
    const text = passwords ? await readFile(natsConfig, 'utf8') : `max_payload: ${maxPayload}\n`;
    await writeFile(config, text);
    const part = await startPart({
      program: 'nats-server',
      install: 'Install it with your package manager (Debian: apt install nats-server) or from nats.io.',
      args: ['--addr', '127.0.0.1', '--port', String(port), '--config', config],
      env: passwords ? natsEnvironment(passwords) : {},
      port,
      ready: /Server is ready/,
    });
    return { ...part, url: `nats://127.0.0.1:${port}` };
  } finally {
    // It has read its configuration: the folder is no longer needed.
    await rm(folder, { recursive: true, force: true });
  }
}

/** A password for each service, made anew with each start of a cluster. */
export function makeNatsPasswords(): NatsPasswords {
  // A letter first: nats-server would read digits as a number.
  const make = () => `p${randomBytes(24).toString('hex')}`;
  return { 'auth-service': make(), 'group-service': make(), 'message-service': make(), gateway: make() };
}

/** The variables that `nats.conf` names. */
export function natsEnvironment(passwords: NatsPasswords): Record<string, string> {
  return Object.fromEntries(
    natsUsers.map((user) => [`NATS_${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`, passwords[user]]),
  );
}
