import { readdir, readFile } from 'node:fs/promises';

/** Ticks of Linux's clock of processor time in a second (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** A part of the server: one process, or PostgreSQL with all its children. */
export interface Part {
  readonly name: string;
  readonly pid: number;
}

/** Milliseconds of processor time that each part has used so far, by name; equal names add up. */
export async function readProcessorTime(parts: readonly Part[]): Promise<Map<string, number>> {
  const all = await readProcesses();
  const used = new Map<string, number>();
  for (const { name, pid } of parts) {
    const own = all.find((process) => process.pid === pid);
    if (own === undefined) throw new Error(`${name} doesn't run any more`);
    const children = all.filter(({ parent }) => parent === pid);
    const ticks = children.reduce((sum, child) => sum + child.ticks, own.ticks + own.endedChildrenTicks);
    used.set(name, (used.get(name) ?? 0) + (ticks * 1_000) / TICKS_PER_SECOND);
  }
  return used;
}

/** What was used between two readings, in milliseconds, by name. */
export function timeBetween(before: Map<string, number>, after: Map<string, number>): Map<string, number> {
  return new Map([...after].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)]));
}

export function sumOf(times: Map<string, number>): number {
  return [...times.values()].reduce((sum, ms) => sum + ms, 0);
}

/** Resident bytes of each part's own process, by name. */
export async function readMemory(parts: readonly Part[]): Promise<Map<string, number>> {
  const used = new Map<string, number>();
  for (const { name, pid } of parts) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    used.set(name, (used.get(name) ?? 0) + kib * 1024);
  }
  return used;
}

/** Milliseconds of processor time that the whole machine has used so far, over all cores. */
export async function readMachineTime(): Promise<number> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  // proc(5): user, nice, system, idle, iowait, irq, softirq; guests' time is in the first two already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first.split(/\s+/).slice(1).map(Number);
  return ((user + nice + system + irq + softirq) * 1_000) / TICKS_PER_SECOND;
}

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  /** PostgreSQL's connections and workers come and go. */
  readonly endedChildrenTicks: number;
}

async function readProcesses(): Promise<ProcessTime[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)));
  return read.filter((text) => text !== null).map(parseStat);
}

/** proc(5): the name in brackets may hold anything; the numbers stand after the last one. */
function parseStat(text: string): ProcessTime {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    ticks: field(14) + field(15),
    endedChildrenTicks: field(16) + field(17),
  };
}
