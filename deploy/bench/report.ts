import type { Latencies } from './latencies.js';
import type { Floor } from './measure-floor.js';
import type { IdleConnections } from './measure-idle-connections.js';
import { LOAD_BALANCER, type Measured } from './measure-load.js';

const whole = (value: number) => String(Math.round(value));
const percent = (share: number) => `${whole(share * 100)} %`;
const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
const rateOf = (rate: number | 'full') => (rate === 'full' ? 'saturation' : `${rate}/s`);
const isOfServer = (name: string) => name !== LOAD_BALANCER;

function printRow(...cells: string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

/** Names to the left, figures to the right. */
function printHead(name: string, ...figures: string[]): void {
  console.log('');
  printRow(name, ...figures);
  printRow('---', ...figures.map(() => '---:'));
}

export function printBrowsers(taken: Latencies): void {
  const [median, slowest] = [taken.percentile(0.5), taken.percentile(1)];
  console.log(
    `\nEnter to the other screen, two browsers, ${taken.count} times: median ${milliseconds(median)}, slowest ${milliseconds(slowest)}.`,
  );
}

export function printIdle({ count, bytes, idleMs }: IdleConnections): void {
  const ofServer = [...bytes].filter(([name]) => isOfServer(name));
  const total = ofServer.reduce((sum, [, value]) => sum + value, 0);
  const byPart = ofServer.map(([name, value]) => `${name} ${kilobytes(value)}`).join(', ');
  console.log(`\nAn idle connection (of ${count}) holds ${kilobytes(total)}: ${byPart}.`);
  console.log(
    `The load balancer in front (${LOAD_BALANCER}) holds ${kilobytes(bytes.get(LOAD_BALANCER) ?? 0)}.`,
  );
  console.log(`Without any load the server uses ${idleMs.toFixed(1)} ms of a core each second.`);
}

export function printLoadsHead(): void {
  printHead(
    'Load',
    'delivered/s',
    'µs each',
    'ack p50',
    'ack p99',
    'peer p50',
    'peer p99',
    'busy',
    'lost pushes',
    'unsent',
    'others on the machine',
  );
}

export function printLoad({ rate, load, perSecond, microseconds, others }: Measured): void {
  const { toAck, toPeer, refused, notPushed, unsent } = load;
  printRow(
    rateOf(rate),
    whole(perSecond),
    whole(microseconds),
    ...[toAck, toPeer].flatMap((taken) => [0.5, 0.99].map((share) => milliseconds(taken.percentile(share)))),
    ...[refused, notPushed, unsent].map(whole),
    percent(others),
  );
}

/** Where the processor time goes, µs for each delivered message. */
export function printProcesses(loads: readonly Measured[]): void {
  printHead('µs each', ...loads.map(({ rate }) => rateOf(rate)));
  const names = [...(loads[0]?.parts.keys() ?? [])];
  for (const name of names.filter(isOfServer))
    printRow(name, ...loads.map(({ parts }) => whole(parts.get(name) ?? 0)));
  printRow('the server', ...loads.map(({ microseconds }) => whole(microseconds)));
  printRow(
    `${LOAD_BALANCER}, not counted`,
    ...loads.map(({ parts }) => whole(parts.get(LOAD_BALANCER) ?? 0)),
  );
}

/** The machine's own floor beside what was measured before. */
export function printFloor(floors: readonly Floor[], loads: readonly Measured[]): void {
  printHead('Floor', 'µs each', 'of that PostgreSQL', 'the server', 'ratio', 'others on the machine');
  for (const { rate, microseconds, ofPostgres, others } of floors) {
    const ours = loads.find((load) => load.rate === rate)?.microseconds;
    printRow(
      rateOf(rate),
      whole(microseconds),
      whole(ofPostgres),
      ours === undefined ? '–' : whole(ours),
      ours === undefined ? '–' : (ours / microseconds).toFixed(1),
      percent(others),
    );
  }
}

export function printNote(): void {
  console.log(`
Processor time is what the processes used themselves: it means something also where others share the machine, though
crowded caches make it dearer. Latencies and saturation hold only where "others" is a few percent. The measuring process
runs on the same cores and isn't counted.`);
}
