import { viewGroup } from '../src/index.js';
import { check, type Fuzz } from './membership/perform.js';
import { randomFrom } from './membership/random.js';
import { steps, type StepName } from './membership/steps.js';
import { human } from './people.js';
import { authenticators, startWorld, type World } from './world.js';

/*
 * Random membership against one log: people and devices come, go, rise, heal and are repaired, groups shrink to one and
 * grow again, hostile commits come between. After each step all members agree on the epoch, newcomers can join, and
 * whoever was removed can't follow.
 */

export interface FuzzOptions {
  readonly seed: number;
  readonly steps: number;
  /** The group shrinks when it gets larger. */
  readonly largest: number;
  readonly report?: (line: string) => void;
}

export interface FuzzResult {
  readonly commits: number;
  readonly hostile: number;
  readonly largest: number;
  readonly aloneTimes: number;
}

/** Throws, with the seed and the step in its message, as soon as anybody disagrees. */
export async function fuzzMembership(options: FuzzOptions): Promise<FuzzResult> {
  const fuzz: Fuzz = {
    world: await startWorld({ first: 4, second: 3, third: 2 }),
    random: randomFrom(options.seed),
    outside: await Promise.all(Array.from({ length: 4 }, (_, i) => human(`outside${i}`))),
    hostile: 0,
    commits: 0,
  };
  let largest = 0;
  let aloneTimes = 0;
  for (let step = 0; step < options.steps; step += 1) {
    const { places } = fuzz.world;
    const name = nameOfStep(fuzz, options.largest);
    try {
      await steps[name](fuzz);
      check(authenticators(fuzz.world).size === 1, 'members disagree on the epoch');
    } catch (error) {
      throw new Error(`seed ${options.seed}, step ${step} (${name})`, { cause: error });
    }
    largest = Math.max(largest, places.length);
    if (places.length === 1) aloneTimes += 1;
    options.report?.(`${step} ${name}: ${places.length} devices, epoch ${epochOf(fuzz.world)}`);
  }
  return { commits: fuzz.commits, hostile: fuzz.hostile, largest, aloneTimes };
}

const epochOf = (world: World): number => {
  const [place] = world.places;
  return place === undefined ? 0 : viewGroup(place.session).epoch;
};

function nameOfStep({ world, random }: Fuzz, largest: number): StepName {
  const { length } = world.places;
  if (length > largest) return 'shrink';
  if (length === 1) return random.pick(['add', 'add', 'device', 'heal', 'settings'] as const);
  return random.pick([
    'add',
    'add',
    'add',
    'remove',
    'remove',
    'ban',
    'heal',
    'heal',
    'settings',
    'role',
    'device',
    'device',
    'revoke',
    'repair',
    'leave',
    'talk',
    'talk',
    'forge',
    'forge',
    'garble',
    'store',
    ...(random.below(6) === 0 ? (['shrink'] as const) : []),
  ] as const);
}
