import { spawn } from 'node:child_process';
import { access, open, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { partOf, type Part } from '../parts/child-process.js';
import { StartRefused } from '../data-folder.js';

export type ServiceName = 'auth-service' | 'group-service' | 'message-service' | 'gateway';

export interface StartServiceOptions {
  readonly service: ServiceName;
  readonly port: number;
  /** All of its environment but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Flags for its Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[] | undefined;
  /** The file that its log goes to. */
  readonly log: string;
  /** Ends a start that is no longer wanted. */
  readonly signal: AbortSignal;
}

const LOOK_MS = 50;
const READY_WITHIN_MS = 60_000;
/** Longer than a gateway's drain. */
const INSIST_AFTER_MS = 20_000;
const root = new URL('../../../../', import.meta.url);

/** Starts a built service (`dist/<service>.js`) and waits until it is ready for work. */
export async function startService(options: StartServiceOptions): Promise<Part> {
  const { service, port, env, nodeFlags = [], log, signal } = options;
  const program = fileURLToPath(new URL(`dist/${service}.js`, root));
  await access(program).catch((error: unknown) => {
    throw new StartRefused(`${service} isn't built. Run: node deploy/build.mjs`, { cause: error });
  });
  const file = await open(log, 'a');
  const child = spawn(process.execPath, [...nodeFlags, '--enable-source-maps', program], {
    cwd: fileURLToPath(root),
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', file.fd, file.fd],
    detached: true,
  });
  await file.close();
  const part = partOf(child, { port, stopSignal: 'SIGTERM', insistAfterMs: INSIST_AFTER_MS });
  let howEnded: string | undefined;
  void part.exited.then((how) => (howEnded = how));

  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end && !signal.aborted;) {
    if (howEnded !== undefined)
      throw new StartRefused(`${service} ended (${howEnded}):\n${await tailOf(log)}`);
    if (await isReady(port)) return part;
    await pause(LOOK_MS);
  }
  await part.kill();
  if (signal.aborted) throw new StartRefused(`${service} was told to stop before it was ready.`);
  throw new StartRefused(`${service} wasn't ready within ${READY_WITHIN_MS / 1000} s:\n${await tailOf(log)}`);
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function tailOf(log: string): Promise<string> {
  return (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-5).join('\n');
}
