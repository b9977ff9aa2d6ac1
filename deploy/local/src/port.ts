import { createServer } from 'node:net';
import { StartRefused } from './data-folder.js';

/** Refuses with a sentence when somebody else listens there. */
export function assertPortIsFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) =>
      reject(
        new StartRefused(
          `Port ${port} is taken by another program. Choose another: WISP_PORT=8123 npm start`,
          { cause: error },
        ),
      ),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
