// Installs what the tests need beside npm's packages: NATS, Redis and Chromium, by Debian's package manager where
// it may. Elsewhere it names what is missing.
import { spawnSync } from 'node:child_process';

const parts = [
  { binary: 'nats-server', aptPackage: 'nats-server' },
  { binary: 'redis-server', aptPackage: 'redis-server' },
  { binary: 'caddy', aptPackage: 'caddy' },
  { binary: 'chromium', aptPackage: 'chromium' },
];

const isThere = (binary) =>
  spawnSync('sh', ['-c', `command -v ${binary} || ls /usr/sbin/${binary}`]).status === 0;
const missing = () => parts.filter(({ binary }) => !isThere(binary));

if (missing().length > 0) {
  const names = missing().map(({ aptPackage }) => aptPackage);
  const mayInstall = process.getuid?.() === 0 && isThere('apt-get');
  if (mayInstall) {
    console.log(`Installing ${names.join(', ')} …`);
    const apt = (...words) =>
      spawnSync('apt-get', words, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...names);
  }
  const left = missing().map(({ binary }) => binary);
  if (left.length > 0) {
    console.error(
      `The tests need these programs on the PATH: ${left.join(', ')}. Install them and try again.`,
    );
    process.exit(1);
  }
}
