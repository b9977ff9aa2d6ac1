import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findFreePort } from '@wisp/deploy-local/parts';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isAlive, launch, temporaryFolder, untilGone, type Launcher } from './launcher.js';

const READY = /http:\/\/localhost:\d+/;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let port: number;
let launched: Launcher[];

beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'data');
  port = await findFreePort();
  launched = [];
});

afterEach(async () => {
  for (const launcher of launched) launcher.child.kill('SIGTERM');
  await Promise.all(launched.map((launcher) => launcher.ended()));
  await folder.remove();
});

function run(program: 'start' | 'cluster', options = { data, port }): Launcher {
  const launcher = launch(program, options);
  launched.push(launcher);
  return launcher;
}

/** What the installation keeps: its id and its signing keys lie in the database. */
async function identity(): Promise<unknown> {
  const read = async (path: string) =>
    (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as object;
  return {
    ...(await read('/api/auth/parameters?username=alice')),
    ...(await read('/api/auth/jwks')),
  };
}

describe.each(['start', 'cluster'] as const)('npm run %s', (program) => {
  test('a port that is taken is said in a sentence', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const { code, said } = await run(program).ended();
    other.close();
    expect(code).toBe(1);
    expect(said).toContain(`Port ${port} is taken by another program. Choose another: WISP_PORT=`);
    expect(said).not.toMatch(/^\s+at /m);
  });

  test('a folder that nobody can write to is said in a sentence', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const { code, said } = await run(program, { data: join(folder.path, 'file/data'), port }).ended();
    expect(code).toBe(1);
    expect(said).toMatch(/Wisp can't write to .*file\/data\. Choose another folder with WISP_DATA=/);
    expect(said).not.toMatch(/^\s+at /m);
  });

  test('it stops when asked, and a second start on the same data is refused while it runs', async () => {
    const first = run(program);
    await first.says(READY);
    const second = await run(program, { data, port: await findFreePort() }).ended();
    expect(second.code).toBe(1);
    expect(second.said).toContain(`Wisp is running on this data already (process ${first.child.pid ?? 0}`);

    first.child.kill('SIGINT');
    expect(await first.ended()).toMatchObject({ code: 0 });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  test('after a kill -9 it starts again on the same data', async () => {
    const first = run(program);
    await first.says(READY);
    const before = await identity();
    first.child.kill('SIGKILL');
    await first.ended();

    await run(program).says(READY);
    expect(await identity()).toEqual(before);
  });
});

test('both serve the same data, one after the other', async () => {
  const embedded = run('start');
  await embedded.says(READY);
  const before = await identity();
  embedded.child.kill('SIGTERM');
  await embedded.ended();
  await run('cluster').says(READY);
  expect(await identity()).toEqual(before);
});

test('a killed cluster launcher leaves no process behind', async () => {
  const cluster = run('cluster');
  const said = await cluster.says(READY);
  const pids = [...said.matchAll(/[a-z]+(?:-\d)? (\d+)(?=[,\n])/g)].map(([, pid]) => Number(pid));
  expect(pids).toHaveLength(10);
  expect(pids.every(isAlive)).toBe(true);
  cluster.child.kill('SIGKILL');
  await Promise.all(pids.map(untilGone));
});
