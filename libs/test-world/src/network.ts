import { connect, createServer, type Server, type Socket } from 'node:net';

/** One person's line to the servers: a TCP relay on loopback that can be cut and mended. */
export interface Network {
  url: string;
  /** Drops every connection and takes none until `mend`. */
  cut(): void;
  mend(): void;
  /** What the servers say gets lost until the next cut; what the person says still arrives. */
  loseAnswers(): void;
  /** What the servers say waits on the way, and nothing ends, until `flow`: neither end notices. */
  stall(): void;
  flow(): void;
  close(): Promise<void>;
}

export async function openNetwork(target: string): Promise<Network> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const farEnds = new Set<Socket>();
  let isCut = false;
  let isDeaf = false;
  let isStalled = false;
  const server: Server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // A cut line resets both ends; nobody is left to hear of it.
      socket.on('error', () => undefined);
    }
    farEnds.add(far);
    far.on('close', () => farEnds.delete(far));
    near.on('close', () => far.destroy());
    // What the server said last still arrives.
    far.on('close', (hadError) => (hadError ? near.destroy() : near.end()));
    near.pipe(far);
    far.on('data', (chunk) => {
      // A stream with a hole can't go on: only a cut ends this.
      if (isDeaf) return;
      if (!near.write(chunk)) {
        far.pause();
        near.once('drain', () => (isStalled ? undefined : far.resume()));
      }
    });
    if (isStalled) far.pause();
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      isDeaf = false;
      for (const socket of open) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    loseAnswers() {
      isDeaf = true;
    },
    stall() {
      isStalled = true;
      for (const far of farEnds) far.pause();
    },
    flow() {
      isStalled = false;
      for (const far of farEnds) far.resume();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
