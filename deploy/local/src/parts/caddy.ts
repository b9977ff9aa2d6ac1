import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, startPart, type Part } from './child-process.js';

export interface CaddyPart extends Part {
  readonly url: string;
}

/** Where the load balancer finds the replicas: `host:port` each. */
export interface CaddyTargets {
  readonly authServices: readonly string[];
  readonly groupServices: readonly string[];
  readonly messageServices: readonly string[];
  readonly gateways: readonly string[];
  /** The folder of the built web client. */
  readonly web: string;
}

export interface StartCaddyOptions extends CaddyTargets {
  /** The same again after a kill; a free one by default. */
  readonly port?: number;
}

const caddyfile = fileURLToPath(new URL('../../caddy/Caddyfile', import.meta.url));

/** Starts Caddy on the loopback, in front of everything (`deploy/local/caddy/Caddyfile`). */
export async function startCaddy(options: StartCaddyOptions): Promise<CaddyPart> {
  const { port = await findFreePort() } = options;
  // It would keep its state in the person's home.
  const home = await mkdtemp(join(tmpdir(), 'wisp-caddy-'));
  const part = await startPart({
    program: 'caddy',
    install: 'Install it with your package manager (Debian: apt install caddy) or from caddyserver.com.',
    args: ['run', '--config', caddyfile, '--adapter', 'caddyfile'],
    env: { ...caddyEnvironment(options, port), XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    port,
    ready: /serving initial configuration/,
  }).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true });
    throw error;
  });
  // Whoever waits for its end waits for this too: the launcher's process may end right after.
  const exited = part.exited.then(async (how) => {
    await rm(home, { recursive: true, force: true });
    return how;
  });
  const after = (end: () => Promise<void>) => async () => {
    await end();
    await exited;
  };
  return {
    ...part,
    exited,
    stop: after(part.stop),
    kill: after(part.kill),
    url: `http://127.0.0.1:${port}`,
  };
}

/** The variables that the Caddyfile names. */
function caddyEnvironment(targets: CaddyTargets, port: number): Record<string, string> {
  return {
    WISP_PORT: String(port),
    WISP_AUTH_SERVICES: targets.authServices.join(' '),
    WISP_GROUP_SERVICES: targets.groupServices.join(' '),
    WISP_MESSAGE_SERVICES: targets.messageServices.join(' '),
    WISP_GATEWAYS: targets.gateways.join(' '),
    WISP_WEB: targets.web,
  };
}
