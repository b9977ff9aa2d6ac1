import { findFreePort, startPostgres } from '@wisp/deploy-local/parts';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { storm, type StormReport } from './storm.js';
import { openWorld } from './world.js';

/*
 * `npm run chaos -- --seconds 120 --seed 7`: the storm of the delivery test for as long as one likes, pair after pair.
 * Its last line counts.
 */

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const ends = Date.now() + Number(values.seconds) * 1000;
const ROUND = 200;

process.stdout.write(`seed ${seed}\n`);
const folder = await mkdtemp(join(tmpdir(), 'wisp-chaos-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({
  folder: join(folder, 'postgres'),
  port: await findFreePort(),
  password: 'chaos',
});
process.env.WISP_TEST_POSTGRES_URL = postgres.adminUrl;
const world = await openWorld({ messageServices: 3 });
const total: StormReport = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };
for (let round = 0; Date.now() < ends; round += 1) {
  const [one, other] = [await world.person(`one${round}`), await world.person(`other${round}`)];
  await one.chatWith(other);
  await other.hearsFrom(one);
  const report = await storm(world, [one, other], {
    seed: seed + round,
    goesOn: (step) => step < ROUND && Date.now() < ends,
  });
  total.acknowledged += report.acknowledged;
  total.lost += report.lost;
  total.doubled += report.doubled;
  total.reordered += report.reordered;
}
await world.close();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
const { acknowledged, lost, doubled, reordered } = total;
process.stdout.write(
  `acknowledged ${acknowledged}, lost ${lost}, doubled ${doubled}, reordered ${reordered}\n`,
);
process.exit(lost + doubled + reordered === 0 ? 0 : 1);
