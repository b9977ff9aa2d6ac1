// A process beside the launcher that outlives it: its input ends with the launcher, however that died, and what is
// still on its list is then ended too. Lines: `watch <pid>`, `forget <pid>`.
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const LOOK_MS = 100;
const watched = new Set<number>();

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, pid] = line.split(' ');
  if (verb === 'watch') watched.add(Number(pid));
  else watched.delete(Number(pid));
}

// Every part of ours takes SIGINT for an orderly end.
for (const pid of [...watched].reverse()) signal(pid, 'SIGINT');
for (const end = Date.now() + PATIENCE_MS; Date.now() < end && [...watched].some(isAlive);)
  await pause(LOOK_MS);
for (const pid of watched) signal(pid, 'SIGKILL');

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, which: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, which);
  } catch {
    return false;
  }
}
