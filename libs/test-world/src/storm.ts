import pg from 'pg';
import type { Person } from './person.js';
import type { World } from './world.js';

export interface StormOptions {
  seed: number;
  /** True while it goes on; asked before every step. */
  goesOn: (step: number) => boolean;
}

export interface StormReport {
  acknowledged: number;
  lost: number;
  doubled: number;
  reordered: number;
}

/**
 * Two people talk while lines are cut, engines reloaded, database connections ended and message-services killed. In
 * the end both are online, and everything that the server acknowledged has to stand on both sides once, in order.
 */
export async function storm(
  world: World,
  pair: readonly [Person, Person],
  options: StormOptions,
): Promise<StormReport> {
  const random = randomNumbers(options.seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const said = new Map<Person, string[]>(pair.map((person) => [person, []]));
  const database = new pg.Client({ connectionString: world.databaseUrl });
  await database.connect();
  for (let step = 0; options.goesOn(step); step += 1) {
    const person = pick(pair);
    const roll = random();
    if (roll < 0.7) {
      const text = `${person.name} ${step}`;
      await person.says(text);
      said.get(person)?.push(text);
    } else if (roll < 0.78) person.goesOffline();
    else if (roll < 0.88) await person.comesBack();
    else if (roll < 0.93) await person.reload();
    else if (roll < 0.97) {
      await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'messages' AND random() < 0.3`,
      );
    } else await world.killMessageService();
  }
  await database.end();
  for (const person of pair) await person.comesBack();
  for (const person of pair) await settle(person, pair, said);
  return judge(pair, said);
}

/** Everything said has been acknowledged and stands on the other side. */
async function settle(
  person: Person,
  pair: readonly Person[],
  said: ReadonlyMap<Person, string[]>,
): Promise<void> {
  await person.waitFor(async () => {
    const own = (await person.read()).filter((message) => message.own && message.content.kind === 'text');
    return own.every(({ state }) => state?.kind !== 'sending') ? true : undefined;
  }, 'everything to be sent');
  for (const other of pair) {
    const last = said.get(person)?.at(-1);
    if (last !== undefined) await other.sees(last);
  }
}

async function judge(pair: readonly Person[], said: ReadonlyMap<Person, string[]>): Promise<StormReport> {
  const report: StormReport = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };
  for (const author of pair) {
    const texts = said.get(author) ?? [];
    report.acknowledged += texts.length;
    for (const reader of pair) {
      const seen = (await reader.texts()).filter((text) => text.startsWith(`${author.name} `));
      const once = [...new Set(seen)];
      report.lost += texts.filter((text) => !once.includes(text)).length;
      report.doubled += seen.length - once.length;
      report.reordered += once.filter(
        (text, i) => text !== texts.filter((one) => once.includes(one))[i],
      ).length;
    }
  }
  return report;
}

/** mulberry32: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
