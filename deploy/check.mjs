// `npm run check`: everything that can be known without running the product.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks = [
  ['types', 'npm', ['run', '--silent', 'typecheck']],
  ['lint', 'npm', ['run', '--silent', 'lint']],
  ['format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['borders', 'npm', ['run', '--silent', 'borders']],
  ['unused', 'npm', ['run', '--silent', 'unused']],
];

let failed = 0;
for (const [name, command, words] of checks) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
