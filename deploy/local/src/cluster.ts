// `npm run cluster`: the whole cluster on this machine, on one port.
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster, type Cluster } from './cluster/start-cluster.js';
import { StartRefused } from './data-folder.js';
import { ProgramMissing } from './parts/child-process.js';

const dataFolder = resolve(
  process.env.WISP_DATA ?? fileURLToPath(new URL('../../../.wisp', import.meta.url)),
);
const port = Number.parseInt(process.env.WISP_PORT ?? '8080', 10);

const isOver = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice, it doesn't wait for anybody; the warden ends the parts.
    if (isOver.signal.aborted) process.exit(1);
    isOver.abort();
  });
}

async function launch(): Promise<Cluster> {
  try {
    return await startCluster({ dataFolder, port, signal: isOver.signal });
  } catch (error) {
    const isForPeople = error instanceof StartRefused || error instanceof ProgramMissing;
    console.error(isForPeople ? error.message : error);
    return process.exit(1);
  }
}

const cluster = await launch();
console.log(`
Wisp runs at ${cluster.url}
Data and logs: ${dataFolder} · processes: ${cluster.processes.map(({ name, pid }) => `${name} ${pid}`).join(', ')}
Stop it with Ctrl-C.
`);
if (!isOver.signal.aborted) await once(isOver.signal, 'abort');
console.log('Stopping …');
await cluster.stop();
console.log('Stopped. Everything is kept.');
process.exit(0);
