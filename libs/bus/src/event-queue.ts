export interface EventQueue {
  push(bytes: Uint8Array): void;
  /** Resolves when nothing waits or runs. */
  settled(): Promise<void>;
}

export interface EventQueueOptions {
  /** Decodes and calls the handler; a promise holds back what follows. Never throws or rejects. */
  readonly deliver: (bytes: Uint8Array) => Promise<void> | undefined;
  /** Bytes that may wait. */
  readonly maxPending: number;
  /** `first`: the first one since the queue was last empty. */
  readonly onDrop: (first: boolean) => void;
}

/** Keeps the events of one subscription in order without a tick between them, and bounds what waits for a slow handler. */
export function createEventQueue({ deliver, maxPending, onDrop }: EventQueueOptions): EventQueue {
  let waiting: Uint8Array[] = [];
  let pendingBytes = 0;
  let dropping = false;
  let running: Promise<void> | undefined;

  async function work(first: Promise<void>): Promise<void> {
    await first;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const bytes of batch) {
        pendingBytes -= bytes.byteLength;
        await deliver(bytes);
      }
    }
    dropping = false;
    running = undefined;
  }

  return {
    push(bytes) {
      if (running === undefined) {
        const pending = deliver(bytes);
        if (pending !== undefined) running = work(pending);
        return;
      }
      if (pendingBytes + bytes.byteLength > maxPending) {
        onDrop(!dropping);
        dropping = true;
        return;
      }
      pendingBytes += bytes.byteLength;
      waiting.push(bytes);
    },
    async settled() {
      while (running !== undefined) await running;
    },
  };
}
