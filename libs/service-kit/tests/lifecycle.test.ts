import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./one-service.ts', import.meta.url));

/** Runs a service in a process of its own; sends each signal when the line before it has been seen. */
async function live(life: string, steps: readonly { after: string; signal: NodeJS.Signals }[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, LIFE: life, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const remaining = [...steps];
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    const next = remaining[0];
    if (next && output.includes(next.after)) {
      remaining.shift();
      child.kill(next.signal);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, said: output.match(/(?<=^say ).*$/gm) ?? [] };
}

const started = '"msg":"started"';

test.each(['SIGTERM', 'SIGINT'] as const)('%s drains, then stops', async (signal) => {
  const { code, said } = await live('good', [{ after: started, signal }]);
  expect(said).toEqual(['drain', 'stop']);
  expect(code).toBe(0);
});

test('a drain without an end meets the deadline', async () => {
  const { code, said, output } = await live('stuck', [{ after: started, signal: 'SIGTERM' }]);
  expect(said).toEqual(['drain']);
  expect(output).toContain('not drained in time');
  expect(code).toBe(1);
});

test('a second signal ends it at once', async () => {
  const { code, output } = await live('stuck', [
    { after: started, signal: 'SIGTERM' },
    { after: 'say drain', signal: 'SIGTERM' },
  ]);
  expect(output).toContain('signalled again');
  expect(code).toBe(1);
});

test.each([
  ['stillborn', 'the start failed'],
  ['crash', 'unhandled rejection'],
])('%s: it ends with code 1 and says why', async (life, words) => {
  const { code, output } = await live(life, []);
  expect(output).toContain(words);
  expect(code).toBe(1);
});
