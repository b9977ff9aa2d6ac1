import { findFreePort, startPart, type Part } from './child-process.js';

export interface RedisPart extends Part {
  readonly url: string;
}

/** Starts redis-server on the loopback, nothing on disk. `port`: the same again after a kill. */
export async function startRedis(options: { port?: number } = {}): Promise<RedisPart> {
  const { port = await findFreePort() } = options;
  const part = await startPart({
    program: 'redis-server',
    install: 'Install it with your package manager (Debian: apt install redis-server) or from redis.io.',
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    port,
    ready: /Ready to accept connections/,
  });
  return { ...part, url: `redis://127.0.0.1:${port}` };
}
