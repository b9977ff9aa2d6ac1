import type { UserId } from '@wisp/protocol';
import type { AppendVerdict, NewMessage } from './log.js';

/** Refused before the log saw it: certainly not stored. */
export interface Overloaded {
  readonly kind: 'overloaded';
}

export interface QueuedMessage {
  readonly message: NewMessage;
  /** Its body as it was uploaded. */
  readonly text: string;
  /** Monotonic milliseconds after which nobody waits for the answer. */
  readonly deadline: number;
  readonly queuedAt: number;
  settle(verdict: AppendVerdict | Overloaded): void;
}

export interface QueueBounds {
  /** Messages that may wait. */
  readonly waiting: number;
  readonly batchMessages: number;
  readonly batchBytes: number;
  /** Of one account in one batch. */
  readonly perAccount: number;
}

/** server.md §5. */
export const queueBounds: QueueBounds = {
  waiting: 4_000,
  batchMessages: 128,
  batchBytes: 2_000_000,
  perAccount: 16,
};

export interface AppendQueue {
  /** All of them or none. */
  push(messages: readonly QueuedMessage[]): boolean;
  /** The next batch, one message of each account in turn; empty when nothing may be taken. */
  take(now: number): QueuedMessage[];
  /** The batch is done: its accounts may be taken from again. */
  release(batch: readonly QueuedMessage[]): void;
  size(): number;
  /** Whether a full batch waits. */
  holdsBatch(): boolean;
  /** When the oldest of those that wait came, in monotonic milliseconds; Infinity: nobody waits. */
  oldest(): number;
}

/**
 * Messages that wait for the log. An account has messages in one batch at a time: two batches in flight could be
 * stored in either order.
 */
export function createAppendQueue(bounds: QueueBounds = queueBounds): AppendQueue {
  /** Accounts in the order of their turn; none has an empty line. */
  const lines = new Map<UserId, QueuedMessage[]>();
  const inFlight = new Set<UserId>();
  let size = 0;

  function remove(account: UserId, count: number): void {
    const rest = lines.get(account)?.slice(count) ?? [];
    size -= count;
    // Whoever was served goes to the end of the row.
    lines.delete(account);
    if (rest.length > 0) lines.set(account, rest);
  }

  function dropLate(now: number): void {
    for (const [account, line] of [...lines]) {
      const firstInTime = line.findIndex(({ deadline }) => deadline > now);
      const late = firstInTime === -1 ? line : line.slice(0, firstInTime);
      if (late.length === 0) continue;
      remove(account, late.length);
      for (const { settle } of late) settle({ kind: 'overloaded' });
    }
  }

  function choose(): QueuedMessage[] {
    const open = [...lines].filter(([account]) => !inFlight.has(account));
    const batch: QueuedMessage[] = [];
    let bytes = 0;
    for (let turn = 0; turn < bounds.perAccount; turn += 1) {
      const before = batch.length;
      for (const [, line] of open) {
        const queued = line[turn];
        if (!queued) continue;
        bytes += queued.message.body.length;
        if (batch.length === bounds.batchMessages || (batch.length > 0 && bytes > bounds.batchBytes))
          return batch;
        batch.push(queued);
      }
      if (batch.length === before) break;
    }
    return batch;
  }

  return {
    push(messages) {
      if (size + messages.length > bounds.waiting) return false;
      for (const queued of messages) {
        const line = lines.get(queued.message.user);
        if (line) line.push(queued);
        else lines.set(queued.message.user, [queued]);
      }
      size += messages.length;
      return true;
    },

    take(now) {
      dropLate(now);
      const batch = choose();
      const counts = new Map<UserId, number>();
      for (const { message } of batch) counts.set(message.user, (counts.get(message.user) ?? 0) + 1);
      for (const [account, count] of counts) {
        inFlight.add(account);
        remove(account, count);
      }
      return batch;
    },

    release(batch) {
      for (const { message } of batch) inFlight.delete(message.user);
    },

    size: () => size,
    holdsBatch: () => size >= bounds.batchMessages,
    oldest: () =>
      [...lines.values()]
        .map((line) => line[0]?.queuedAt ?? Infinity)
        .reduce((a, b) => Math.min(a, b), Infinity),
  };
}
