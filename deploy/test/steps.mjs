import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function run(words, env = {}) {
  return spawnSync(process.execPath, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status;
}

/** Installs what is missing and builds what the tests run; ends the run when that fails. */
export function prepare() {
  rmSync(`${root}.cache/reports`, { recursive: true, force: true });
  mkdirSync(`${root}.cache/reports`, { recursive: true });
  for (const step of ['deploy/install.mjs', 'deploy/test/install-parts.mjs', 'deploy/build.mjs']) {
    const status = run([step]);
    if (status !== 0) process.exit(status ?? 1);
  }
}

/** One run of Jest that leaves its report under this name. Answers whether everything passed. */
export function jest(report, words = [], env = {}) {
  const reporting = ['--json', `--outputFile=.cache/reports/${report}.json`];
  const status = run(['node_modules/jest/bin/jest.js', ...reporting, ...words], {
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    ...env,
  });
  return status === 0;
}

/** Stories of the test world on separate processes over real NATS and Redis, in place of the embedded services. */
export function jestOnCluster(words) {
  console.log('\nThe same world tests on a cluster:');
  return jest('cluster', words, { WISP_WORLD: 'cluster' });
}
