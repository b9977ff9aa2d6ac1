import { expect, test } from '@jest/globals';
import { openWorld, storm } from '../src/index.js';

const seed = Number(process.env.WISP_SEED ?? 20_261_124);

test(`nothing acknowledged is lost, doubled or reordered (WISP_SEED=${seed})`, async () => {
  const world = await openWorld({ messageServices: 3 });
  try {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')];
    await alice.chatWith(bob);
    await bob.hearsFrom(alice);
    const report = await storm(world, [alice, bob], { seed, goesOn: (step) => step < 150 });
    expect(report).toMatchObject({ evidence: '', lost: 0, doubled: 0, reordered: 0 });
    expect(report.acknowledged).toBeGreaterThan(80);
  } finally {
    await world.close();
  }
}, 240_000);
