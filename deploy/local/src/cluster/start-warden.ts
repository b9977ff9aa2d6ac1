import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Ends the processes on its list when this one is killed. */
export interface Warden {
  watch(pid: number): void;
  forget(pid: number): void;
  dismiss(): void;
}

const program = fileURLToPath(new URL('../../../../dist/warden.js', import.meta.url));

export function startWarden(): Warden {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  // Without a warden the cluster still runs; only a kill -9 of the launcher would leave its parts behind.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    watch: (pid) => void child.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void child.stdin.write(`forget ${pid}\n`),
    dismiss: () => void child.stdin.end(),
  };
}
