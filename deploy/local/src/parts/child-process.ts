import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** A server of ours in a process of its own. */
export interface Part {
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process is gone, with how it went: `code 1`, `SIGKILL`. */
  readonly exited: Promise<string>;
  /** Asks it to end, and insists after a while. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** kill −9. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface StartPartOptions {
  /** The program's name, looked up in PATH and the system's folders. */
  readonly program: string;
  /** How a person gets it, for the error's text. */
  readonly install: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly port: number;
  /** A line of its output that says it's ready. */
  readonly ready: RegExp;
}

/** A program that isn't there, in a sentence for the person at the terminal. */
export class ProgramMissing extends Error {
  override readonly name = 'ProgramMissing';
}

/** Starts a program on a port of the loopback and waits until it says that it's ready. */
export async function startPart(options: StartPartOptions): Promise<Part> {
  const { program, args, env, port, ready } = options;
  const path = await findProgram(options);
  const child = spawn(path, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the launcher alone, which ends its parts in order.
    detached: true,
  });
  await untilReady(child, { program, ready });
  return partOf(child, { port, stopSignal: 'SIGTERM', insistAfterMs: 5_000 });
}

/** Resolves at the line that says so; rejects with the output when the process ends before. */
export function untilReady(
  child: ChildProcess,
  { program, ready }: Pick<StartPartOptions, 'program' | 'ready'>,
): Promise<void> {
  let output = '';
  return new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8_192);
      if (ready.test(output)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${program} ended with code ${code}:\n${output.trim()}`)));
  });
}

export interface PartEnd {
  readonly port: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** Milliseconds until SIGKILL. */
  readonly insistAfterMs: number;
}

/** What still runs when this process exits is told so. (A kill -9 nobody hears: see the cluster's warden.) */
const running = new Map<ChildProcess, NodeJS.Signals>();
process.on('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});

export function partOf(child: ChildProcess, { port, stopSignal, insistAfterMs }: PartEnd): Part {
  const { pid } = child;
  if (pid === undefined) throw new Error('the program has no process');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const howEnded = () => child.signalCode ?? `code ${child.exitCode}`;
  const exited = new Promise<string>((resolve) => {
    if (hasEnded()) resolve(howEnded());
    else child.once('exit', () => resolve(howEnded()));
  });

  if (!hasEnded()) running.set(child, stopSignal);
  void exited.then(() => running.delete(child));

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded()) return;
    child.kill(signal);
    const insist = setTimeout(() => child.kill('SIGKILL'), insistAfterMs);
    await exited;
    clearTimeout(insist);
  }
  return { port, pid, exited, stop: () => end(stopSignal), kill: () => end('SIGKILL') };
}

async function findProgram({
  program,
  install,
}: Pick<StartPartOptions, 'program' | 'install'>): Promise<string> {
  // Debian keeps servers in folders that a plain user's PATH lacks.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  for (const folder of folders) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new ProgramMissing(`${program} isn't installed. ${install}`);
}

/** Below the ports that systems give to outgoing connections: those would take a server's while it restarts. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const MOST_TRIES = 100;

/** A port of the loopback that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    // At random, so that two launchers at once don't find the same.
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${LOWEST_PORT} and ${HIGHEST_PORT} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
