import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A launcher as a person runs it, with what it says. */
export interface Launcher {
  readonly child: ChildProcess;
  /** Waits until it says so, or ends; answers all that it has said. */
  says(words: RegExp): Promise<string>;
  /** Waits for its end. */
  ended(): Promise<{ code: number | null; said: string }>;
}

export interface LaunchOptions {
  readonly data: string;
  readonly port: number;
}

/** Runs a bundle of `dist/`, which `npm test` has built. */
export function launch(program: 'start' | 'cluster', { data, port }: LaunchOptions): Launcher {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL(`../../../dist/${program}.js`, import.meta.url))],
    {
      env: { PATH: process.env.PATH, WISP_DATA: data, WISP_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  let hasEnded = false;
  const exit = once(child, 'close').then(([code]: unknown[]) => {
    hasEnded = true;
    listeners.forEach((look) => look());
    return { code: typeof code === 'number' ? code : null, said };
  });
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    said += chunk.toString('utf8');
    listeners.forEach((look) => look());
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return {
    child,
    says: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (words.test(said)) resolve(said);
          else if (hasEnded) reject(new Error(`it ended and never said ${String(words)}:\n${said}`));
        };
        listeners.add(look);
        look();
      }),
    ended: () => exit,
  };
}

/** A folder that is gone after the test, PostgreSQL's data with it. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'wisp-launch-'));
  // Run as root, PostgreSQL is another user: its data would go elsewhere, and stay.
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
