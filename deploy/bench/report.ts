import type { Floor } from './measure-floor.js';
import type { IdleConnections } from './measure-idle-connections.js';
import type { Measured } from './measure-load.js';

const whole = (value: number) => String(Math.round(value));
const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;
const rateOf = (rate: number | 'full') => (rate === 'full' ? 'saturation' : `${rate}/s`);

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function printIdle({ count, bytes, idleMs }: IdleConnections): void {
  const total = [...bytes.values()].reduce((sum, value) => sum + value, 0);
  const byPart = [...bytes].map(([name, value]) => `${name} ${kilobytes(value)}`).join(', ');
  console.log(`\nAn idle connection (of ${count}) holds ${kilobytes(total)} in all: ${byPart}.`);
  console.log(`Without any load the server uses ${idleMs.toFixed(1)} ms of a core each second.\n`);
  console.log(
    row(
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
    ),
  );
  console.log(row(...Array.from({ length: 11 }, () => '---:')));
}

export function printLoad({ rate, load, perSecond, microseconds, others }: Measured): void {
  const { toAck, toPeer, refused, notPushed, unsent } = load;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const [ack50, ack99, peer50, peer99] = [
    toAck.percentile(0.5),
    toAck.percentile(0.99),
    toPeer.percentile(0.5),
    toPeer.percentile(0.99),
  ];
  console.log(
    row(
      rateOf(rate),
      whole(perSecond),
      whole(microseconds),
      ms(ack50),
      ms(ack99),
      ms(peer50),
      ms(peer99),
      whole(refused),
      whole(notPushed),
      whole(unsent),
      `${whole(others * 100)} %`,
    ),
  );
}

/** Where the processor time goes, µs for each delivered message. */
export function printProcesses(loads: readonly Measured[]): void {
  const names = [...(loads[0]?.parts.keys() ?? [])];
  console.log(`\n${row('µs each', ...loads.map(({ rate }) => rateOf(rate)))}`);
  console.log(row('---', ...loads.map(() => '---:')));
  for (const name of names) console.log(row(name, ...loads.map(({ parts }) => whole(parts.get(name) ?? 0))));
  console.log('');
}

export function printFloor(
  rate: number,
  { microseconds, ofPostgres }: Floor,
  ours: number | undefined,
): void {
  const ratio = ours === undefined ? '' : `; ours is ${(ours / microseconds).toFixed(1)} times that`;
  console.log(
    `Floor at ${rate}/s: ${microseconds.toFixed(0)} µs (PostgreSQL ${ofPostgres.toFixed(0)})${ratio}`,
  );
}
