import type { Cluster } from '@wisp/deploy-local';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { End, Load } from './lane.js';
import { readMachineTime, readProcessorTime, sumOf, timeBetween, type Part } from './processor-time.js';
import { runLoad } from './run-load.js';

export interface Measured {
  readonly rate: number | 'full';
  readonly load: Load;
  /** Messages a second that reached the peer. */
  readonly perSecond: number;
  /** Processor time of all processes of the server for each of them, without the load balancer. */
  readonly microseconds: number;
  /** By kind of process, the load balancer too. */
  readonly parts: ReadonlyMap<string, number>;
  /** The share of the machine that neither the server nor this process used: above a few percent, don't compare. */
  readonly others: number;
}

interface Mark {
  readonly time: Map<string, number>;
  readonly machine: number;
  readonly own: number;
  readonly at: number;
}

/** Stands in front of the server; the floor has none. */
export const LOAD_BALANCER = 'caddy';
/** Node compiles what runs often: the first load shall not pay for that. */
const FIRST = { rate: 1_000, warmUpMs: 0, measureMs: 6_000, mark: () => Promise.resolve() };

export async function warmUp(ends: readonly End[]): Promise<void> {
  await runLoad({ ...FIRST, ends });
}

/** Runs a load against a cluster and reads what each of its processes used meanwhile. */
export async function measureLoad(
  cluster: Cluster,
  options: { ends: readonly End[]; rate: number | 'full'; warmUpMs: number; measureMs: number },
): Promise<Measured> {
  const parts = serverParts(cluster);
  const marks: Mark[] = [];
  const mark = async () => {
    const { user, system } = process.cpuUsage();
    const own = (user + system) / 1_000;
    const [time, machine] = await Promise.all([readProcessorTime(parts), readMachineTime()]);
    marks.push({ time, machine, own, at: performance.now() });
  };
  const { ends, rate, warmUpMs, measureMs } = options;
  const load = await runLoad({ ends, rate, warmUpMs, measureMs, mark });
  const [from, to] = marks;
  if (from === undefined || to === undefined) throw new Error('the load never began');
  const used = timeBetween(from.time, to.time);
  const messages = load.toPeer.count;
  const elsewhere = to.machine - from.machine - (to.own - from.own) - sumOf(used);
  return {
    rate,
    load,
    perSecond: (messages * 1_000) / (to.at - from.at),
    microseconds: ((sumOf(used) - (used.get(LOAD_BALANCER) ?? 0)) * 1_000) / messages,
    others: elsewhere / (to.at - from.at) / availableParallelism(),
    parts: new Map([...used].map(([name, ms]) => [name, (ms * 1_000) / messages])),
  };
}

/** Replicas add up under their service's name. */
export function serverParts(cluster: Cluster): Part[] {
  return cluster.processes.map(({ name, pid }) => ({ name: name.replace(/-\d+$/, ''), pid }));
}
