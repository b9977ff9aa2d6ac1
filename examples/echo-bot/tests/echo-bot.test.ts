import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Engine } from '@wisp/client';
import { openEngine } from '@wisp/client/node';
import { openWorld, type Person, type World } from '@wisp/test-world';
import { echo, enter } from '../src/index.js';

let world: World;
let alice: Person;
let folder: string;
let bot: Engine;

async function startBot(): Promise<Engine> {
  const engine = openEngine({ server: world.url, folder });
  echo(engine);
  await enter(engine, { username: 'echo', password: 'five plain words make sense' });
  return engine;
}

beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), 'wisp-echo-'));
  bot = await startBot();
  alice = await world.person('alice');
});
afterAll(async () => {
  await bot.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

test('the bot answers, also what came while it was away, and everything once', async () => {
  const { userId } = await alice.engine.findUser('echo');
  await alice.engine.startDirect(userId);
  const echoOf = async (text: string) =>
    alice.waitFor(
      async () =>
        (await alice.read()).find(
          ({ own, content }) => !own && content.kind === 'text' && content.text === text,
        ),
      `the echo of "${text}"`,
    );
  await alice.says('one');
  await echoOf('one');
  await bot.close();
  await alice.says('two');
  await alice.says('three');
  bot = await startBot();
  await echoOf('three');
  expect(await alice.texts()).toEqual(['one', 'one', 'two', 'three', 'two', 'three']);
});
