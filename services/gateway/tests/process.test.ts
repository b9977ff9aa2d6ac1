import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectNats } from '@wisp/bus';
import { findFreePort, startNats, type NatsPart } from '@wisp/deploy-local/parts';
import { byeFrame, entriesFrame } from '@wisp/protocol';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from './client.js';
import { sealed } from './messages.js';
import { startWorld, type World } from './world.js';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let nats: NatsPart;
let world: World;
let child: ChildProcess | undefined;
beforeAll(async () => {
  nats = await startNats();
  world = await startWorld({ join: () => connectNats({ servers: nats.url, name: 'test' }) });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.stop();
  await nats.stop();
});

/** A gateway in a process of its own, ready for sockets. */
async function startProcess(): Promise<{ url: string; process: ChildProcess }> {
  const port = await findFreePort();
  const gateway = spawn(process.execPath, ['--import', 'tsx', main], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      NATS_URL: nats.url,
      NATS_PASSWORD: 'none',
      SERVER_ID: world.auth.serverId,
      DRAIN_SECONDS: '20',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = gateway;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    gateway.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('"msg":"started"')) resolve();
    });
    gateway.once('exit', () => reject(new Error(`the gateway ended: ${output}`)));
  });
  return { url: `http://127.0.0.1:${port}`, process: gateway };
}

test('over NATS, in a process of its own: delivers, and on SIGTERM says bye and ends when the last has left', async () => {
  const { alice, bob, conversation } = await world.duo();
  const gateway = await startProcess();
  const [a, b] = await Promise.all([
    Client.connect(gateway.url, world.auth.token(alice)),
    Client.connect(gateway.url, world.auth.token(bob)),
  ]);
  await a.ask('append', { conversation, messages: [sealed({ n: 1 })] });
  await b.sees(entriesFrame, ({ entries }) => entries[0]?.seq === 2);

  const exited = once(gateway.process, 'exit');
  gateway.process.kill('SIGTERM');
  expect(await a.sees(byeFrame)).toEqual({ within: 14_000 });
  a.leave();
  // It still serves who is still there.
  expect(await b.ask('sync', {})).toHaveProperty('since');
  b.leave();
  expect(await exited).toEqual([0, null]);
});
