// Adds up the runners' own reports; its last line is read by CI.
import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('../../.cache/reports/', import.meta.url);
let passed = 0;
let failed = 0;
for (const name of await readdir(folder).catch(() => [])) {
  const report = JSON.parse(await readFile(new URL(name, folder), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
}
if (process.argv[2] === '1' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
