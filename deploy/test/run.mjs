// `npm test`: installs what is missing, builds what the end-to-end tests serve, runs every test, keeps the report.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function run(command, words, env = {}) {
  const { status } = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(`${root}.cache/reports`, { recursive: true, force: true });
mkdirSync(`${root}.cache/reports`, { recursive: true });
run(process.execPath, ['deploy/install.mjs']);
run(process.execPath, ['deploy/test/install-parts.mjs']);
run(process.execPath, ['deploy/build.mjs']);
run(process.execPath, ['node_modules/jest/bin/jest.js', '--json', '--outputFile=.cache/reports/jest.json'], {
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
});
