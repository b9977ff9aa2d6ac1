import { parseArgs } from 'node:util';

export const measurements = ['idle', 'browsers', 'load', 'floor'] as const;
export type Measurement = (typeof measurements)[number];

/** What the person at the terminal wants to have measured, and how long. */
export interface Wish {
  readonly measures: ReadonlySet<Measurement>;
  /** Messages a second over all connections. */
  readonly rates: readonly number[];
  /** Each connection sends as fast as it is answered, last of all. */
  readonly withSaturation: boolean;
  readonly connections: number;
  readonly idleConnections: number;
  /** Enter to the other screen, so many times. */
  readonly keystrokes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Where the services leave their processor profiles. */
  readonly profiles: string | undefined;
}

export const usage = `npm run bench -- [options]
  --quick                  one rate, seconds instead of minutes: to see that it runs
  --only <a,b>             of ${measurements.join(', ')}
  --rates <a,b>            messages a second; 100,400,1000,4000 and saturation by default
  --seconds <n>            of each load; 15 by default
  --profiles <folder>      the services write processor profiles there when they end`;

/** @throws {WishRefused} with a sentence for the person at the terminal */
export function readWish(words: readonly string[]): Wish {
  const { quick = false, only, rates, seconds, profiles } = parseWords(words);
  const perSecond = rates?.split(',').map(Number) ?? (quick ? [1_000] : [100, 400, 1_000, 4_000]);
  if (!perSecond.every((rate) => Number.isInteger(rate) && rate > 0))
    throw new WishRefused(`${rates ?? ''}: no rates`);
  const measureSeconds = Number(seconds ?? (quick ? 4 : 15));
  if (!(measureSeconds > 0 && measureSeconds <= 60))
    throw new WishRefused('--seconds is more than 0 and at most 60');
  return {
    measures: new Set(only?.split(',').map(asMeasurement) ?? measurements),
    rates: perSecond,
    withSaturation: rates === undefined && !quick,
    connections: 200,
    idleConnections: quick ? 400 : 2_000,
    keystrokes: quick ? 5 : 20,
    warmUpMs: quick ? 2_000 : 4_000,
    measureMs: measureSeconds * 1_000,
    profiles,
  };
}

/** An order that isn't understood. */
export class WishRefused extends Error {
  override readonly name = 'WishRefused';
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string' },
        rates: { type: 'string' },
        seconds: { type: 'string' },
        profiles: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new WishRefused(error instanceof Error ? error.message : String(error));
  }
}

function asMeasurement(name: string): Measurement {
  const found = measurements.find((known) => known === name);
  if (found === undefined) throw new WishRefused(`${name} is none of ${measurements.join(', ')}`);
  return found;
}
