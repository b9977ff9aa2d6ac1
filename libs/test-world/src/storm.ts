import { EngineError, type Timer } from '@wisp/client';
import { inspect } from 'node:util';
import pg from 'pg';
import { readLog } from './read-log.js';
import type { Person } from './person.js';
import { randomNumbers } from './random-numbers.js';
import { allIsSent, settle, tally, type Tally } from './tally.js';
import type { World } from './world.js';

export interface StormOptions {
  seed: number;
  /** True while it goes on; asked before every step. */
  goesOn: (step: number) => boolean;
}

export interface StormReport extends Tally {
  /** When something is wrong, all that is known of how it came about; otherwise empty. */
  evidence: string;
}

/** Long enough that nothing goes by it. */
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const CALM: Tally = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };

/**
 * Two people talk and change their timer while lines are cut, answers lost, engines reloaded, database connections
 * ended and whatever is mortal in this world killed. In the end both are online and everything runs, and everything
 * that was said has to stand on both sides once, in order.
 */
export async function storm(
  world: World,
  pair: readonly [Person, Person],
  options: StormOptions,
): Promise<StormReport> {
  const random = randomNumbers(options.seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const said = new Map<Person, string[]>(pair.map((person) => [person, []]));
  const history: string[] = [];
  const note = (what: string) => history.push(`${new Date().toISOString()} ${what}`);

  async function step(number: number): Promise<void> {
    const person = pick(pair);
    const roll = random();
    if (roll < 0.65) {
      const text = `${person.name} ${number}`;
      note(`${person.name} says "${text}"`);
      await person.says(text);
      said.get(person)?.push(text);
    } else if (roll < 0.68) {
      // Another one each time: to set what is set is no commit.
      const timer: Timer = { mode: 'afterSend', ttlSeconds: YEAR_SECONDS - number };
      note(`${person.name} sets the timer: ${await setTimer(person, timer)}`);
    } else if (roll < 0.71) {
      note(`${person.name} comes back and waits until all is sent`);
      await comeBackAnew(person);
      await person.getsOnline();
      await allIsSent(person);
      note(`all of ${person.name} is sent`);
    } else if (roll < 0.75) {
      note(`${person.name} goes offline`);
      person.goesOffline();
    } else if (roll < 0.78) {
      note(`${person.name} hears nothing any more`);
      person.network.loseAnswers();
    } else if (roll < 0.88) {
      note(`${person.name} comes back`);
      await comeBackAnew(person);
    } else if (roll < 0.93) {
      note(`${person.name} reloads`);
      await person.reload();
    } else if (roll < 0.97) {
      note(`connections to the database end: ${await endConnections(world)}`);
    } else if (world.mortals.length > 0) {
      const mortal = pick(world.mortals);
      note(`kill -9 of ${mortal}`);
      await world.kill(mortal);
    }
  }

  async function evidence(why: string): Promise<string> {
    const devices = await Promise.all(pair.map(async (one) => `${one.name}: ${await one.describe()}`));
    const log = await readLog(world.databaseUrl);
    return [why, `seed ${options.seed}`, ...history, ...devices, 'the log:', ...log].join('\n');
  }

  try {
    for (let number = 0; options.goesOn(number); number += 1) await step(number);
    note('the storm is over');
    await world.recovers();
    for (const person of pair) await comeBackAnew(person);
    await settle(pair, said);
    const sum = await tally(pair, said);
    const isWell = sum.lost + sum.doubled + sum.reordered === 0;
    return { ...sum, evidence: isWell ? '' : await evidence('something isn’t as it was said') };
  } catch (error) {
    await world.recovers();
    return { ...CALM, ...(await tally(pair, said)), evidence: await evidence(inspect(error)) };
  }
}

/** On new connections: the old ones may be deaf. */
async function comeBackAnew(person: Person): Promise<void> {
  person.goesOffline();
  await person.comesBack();
}

/** A commit that is in doubt, or that nobody can take now, is no failure. */
async function setTimer(person: Person, timer: Timer): Promise<string> {
  const { id } = await person.onlyChat();
  try {
    await person.engine.setTimer({ conversation: id, timer });
    return 'done';
  } catch (error) {
    if (error instanceof EngineError && error.code === 'server-unavailable') return error.code;
    throw error;
  }
}

async function endConnections(world: World): Promise<string> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  // It may be killed itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename IN ('auth', 'groups', 'messages') AND random() < 0.3`,
    );
    return 'done';
  } catch {
    return 'it is away';
  } finally {
    await client.end().catch(() => undefined);
  }
}
