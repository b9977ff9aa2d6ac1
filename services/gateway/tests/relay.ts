import { connect, createServer, type Socket } from 'node:net';

/** A line to a gateway that can stand still in one direction: what the gateway says isn't taken. */
export interface Relay {
  readonly url: string;
  stall(): void;
  flow(): void;
  close(): Promise<void>;
}

export async function openRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const ends = new Set<Socket>();
  const gatewayEnds = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    gatewayEnds.add(far);
    for (const socket of [near, far]) {
      ends.add(socket);
      // A line that is cut resets both ends.
      socket.on('error', () => undefined);
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    far.on('data', (chunk) => void near.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stall: () => gatewayEnds.forEach((socket) => socket.pause()),
    flow: () => gatewayEnds.forEach((socket) => socket.resume()),
    close: () =>
      new Promise((resolve) => {
        for (const socket of ends) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
