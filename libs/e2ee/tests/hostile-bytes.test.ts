import { describe, expect, test } from '@jest/globals';
import { checkKeyPackage, openMessage, readWelcome, welcomeRefs } from '../src/index.js';
import { deviceOf, human, keyring, NOW, packageOf, asPerson, serverId } from './people.js';
import { built, outcomes, placeOf, say, startWorld } from './world.js';

const SEED = 20_261_124;
const ROUNDS = 300;

/** xorshift32. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Flips, cuts, lengthens, repeats; most changes come early, where the structure is. */
function mutate(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const changed = bytes.slice();
  const at = below(2) === 0 ? below(Math.min(bytes.length, 300)) : below(bytes.length);
  switch (below(5)) {
    case 0:
      return changed.subarray(0, at);
    case 1:
      return Uint8Array.of(...changed, below(256));
    case 2:
      return Uint8Array.of(...changed.subarray(0, at), ...changed.subarray(at + 1 + below(8)));
    case 3:
      changed[at] = below(256);
      changed[below(changed.length)] = below(256);
      break;
    default:
      changed[at] = (changed[at] ?? 0) ^ (1 << below(8));
  }
  return changed;
}

async function eachMutation(
  bytes: Uint8Array,
  judge: (changed: Uint8Array) => Promise<string>,
): Promise<Set<string>> {
  const below = randomBelow(SEED);
  const said = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const changed = mutate(bytes, below);
    if (Buffer.compare(changed, bytes) === 0) continue;
    try {
      said.add(await judge(changed));
    } catch (error) {
      throw new Error(`seed ${SEED}, round ${round}`, { cause: error });
    }
  }
  return said;
}

describe('bytes of a hostile server: never a crash, never accepted', () => {
  test('messages', async () => {
    const world = await startWorld({ alice: 4, bob: 2 });
    const [alice, bob] = [placeOf(world, 'alice'), placeOf(world, 'bob')];
    const { bytes } = await say(world, alice, 'hello');
    const said = await eachMutation(bytes, async (changed) => {
      const entry = { uploader: alice.device.deviceId, lastN: 0 };
      return (await openMessage(bob.session, changed, entry)).kind;
    });
    expect([...said].sort()).toEqual(['refused', 'undecryptable']);
  });

  test('commits', async () => {
    const world = await startWorld({ alice: 4, bob: 2 });
    const { bytes } = await built(world, placeOf(world, 'alice'), { kind: 'self-update' });
    const observers = { ...world, places: [placeOf(world, 'bob')] };
    const said = await eachMutation(bytes, async (changed) => {
      const [outcome] = (await outcomes(observers, changed)).values();
      return outcome?.kind ?? 'nothing';
    });
    expect([...said]).toEqual(['skipped']);
  });

  test('Welcomes and KeyPackages', async () => {
    const world = await startWorld({ alice: 4 });
    const zoe = await human('zoe');
    const bundle = await packageOf(deviceOf(zoe));
    const { welcome } = await built(world, placeOf(world, 'alice'), {
      kind: 'add',
      people: [asPerson(zoe, 2)],
      keyPackages: [bundle.keyPackage],
    });
    if (welcome === null) throw new Error('no Welcome');
    const read = await eachMutation(welcome, async (changed) => {
      welcomeRefs(changed);
      return (await readWelcome(changed, { me: deviceOf(zoe), ...keyring([bundle]) })).kind;
    });
    expect([...read]).toEqual(['refused']);
    const checked = await eachMutation(bundle.keyPackage, async (changed) => {
      return (await checkKeyPackage(changed, { deviceList: zoe.list, serverId, now: NOW })).kind;
    });
    expect([...checked]).toEqual(['refused']);
  });
});
