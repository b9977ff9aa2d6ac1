// Generates the Prisma clients of the services that have a schema. Part of `npm install`: silent unless it fails.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const services = fileURLToPath(new URL('../services', import.meta.url));
const prismaPackage = createRequire(import.meta.url).resolve('prisma/package.json');
const { version, bin } = JSON.parse(readFileSync(prismaPackage, 'utf8'));
const cli = join(dirname(prismaPackage), bin.prisma);

const results = await Promise.all(
  readdirSync(services)
    .map((service) => join(services, service, 'src/store/schema.prisma'))
    .filter((schema) => existsSync(schema))
    .map(generate),
);
if (results.includes(false)) process.exitCode = 1;

/** Answers whether the client beside `schema` is there and current. */
async function generate(schema) {
  const folder = join(dirname(schema), 'generated');
  const stamp = join(folder, '.stamp');
  const wanted = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;

  const { code, output } = await run(cli, ['generate', '--no-hints', '--schema', schema]);
  if (code !== 0) {
    console.error(`Prisma could not generate the client of ${schema}:\n${output}`);
    return false;
  }
  writeFileSync(stamp, wanted);
  return true;
}

function run(script, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // The client needs no engine, but the CLI would download one: it looks for this file and never runs it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
