import type { Express } from 'express';
import { createServer, type Server } from 'node:http';

export interface HttpServer {
  /** The real one, where 0 was asked for. */
  readonly port: number;
  /** For Socket.IO. */
  readonly server: Server;
  /** Takes no new connection, lets requests finish, cuts what is left after `withinMs` (10,000 by default). */
  close(withinMs?: number): Promise<void>;
}

export interface ListenOptions {
  readonly port: number;
  /** The interface; loopback by default. */
  readonly host?: string;
}

/** Serves an app; resolves once it listens. Rejects with the system's error where the port is taken. */
export async function listen(app: Express, { port, host = '127.0.0.1' }: ListenOptions): Promise<HttpServer> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  // Longer than any load balancer keeps a connection that it still means to use.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, server, close: (withinMs = 10_000) => close(server, withinMs) };
}

function close(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
