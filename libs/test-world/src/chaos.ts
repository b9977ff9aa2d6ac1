import { findFreePort, startPostgres } from '@wisp/deploy-local/parts';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { storm } from './storm.js';
import type { Tally } from './tally.js';
import { openWorld, type World } from './world.js';

/*
 * `npm run chaos -- --seconds 120 --seed 7`: the storm of the delivery test for as long as one likes, pair after pair,
 * over three message-services. With `--cluster` each part is a process (built by `node deploy/build.mjs`) and any of
 * them is killed. Its last line counts.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    cluster: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const ROUND = 200;

process.stdout.write(`seed ${seed}\n`);
const folder = await mkdtemp(join(tmpdir(), 'wisp-chaos-'));
const { world, end } = values.cluster ? await openCluster() : await openEmbedded();
const ends = Date.now() + Number(values.seconds) * 1000;
const total: Tally = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };
let failure: string | null = null;
for (let round = 0; failure === null && Date.now() < ends; round += 1) {
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
  if (report.evidence !== '') failure = await keepEvidence(report.evidence);
}
await end();
if (failure === null) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`failed: what is known of it lies in ${failure}\n`);
const { acknowledged, lost, doubled, reordered } = total;
process.stdout.write(
  `acknowledged ${acknowledged}, lost ${lost}, doubled ${doubled}, reordered ${reordered}\n`,
);
process.exit(failure === null ? 0 : 1);

interface Opened {
  world: World;
  end: () => Promise<void>;
}

async function openCluster(): Promise<Opened> {
  const world = await openWorld({ as: 'cluster', messageServices: 3 });
  return { world, end: () => world.close() };
}

async function openEmbedded(): Promise<Opened> {
  // Run as root, PostgreSQL is another user, who has to get to its data.
  await chmod(folder, 0o755);
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await findFreePort(),
    password: 'chaos',
  });
  process.env.WISP_TEST_POSTGRES_URL = postgres.adminUrl;
  const world = await openWorld({ as: 'embedded', messageServices: 3 });
  return {
    world,
    end: async () => {
      await world.close();
      await postgres.stop();
    },
  };
}

async function keepEvidence(evidence: string): Promise<string> {
  await writeFile(join(folder, 'evidence.txt'), evidence);
  if (world.logs !== null) await cp(world.logs, join(folder, 'logs'), { recursive: true });
  return folder;
}
