import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The whole chat as `npm start` runs it: a process of its own, which can be killed. */
export interface ServerProcess {
  url: string;
  /** kill -9; its PostgreSQL and its data stay as they are. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** It takes connections and answers nothing, as behind a line that died unnoticed. */
  freeze(): void;
  thaw(): void;
  /** Stops it as Ctrl-C does and removes its data. */
  close(): Promise<void>;
}

export async function openServerProcess(): Promise<ServerProcess> {
  const data = await mkdtemp(join(tmpdir(), 'wisp-web-'));
  // Run as root, PostgreSQL is another user: it has to be able to enter.
  await chmod(data, 0o755);
  const port = await freePort();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const program = fileURLToPath(new URL('../../dist/start.js', import.meta.url));
    const begun = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], WISP_DATA: data, WISP_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = begun;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      begun.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Wisp is running')) resolve();
      });
      begun.once('exit', () => {
        reject(new Error(`the server ended: ${said}`));
      });
    });
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    child = null;
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    kill: () => end('SIGKILL'),
    freeze: () => {
      child?.kill('SIGSTOP');
    },
    thaw: () => {
      child?.kill('SIGCONT');
    },
    async close() {
      await end('SIGTERM');
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
