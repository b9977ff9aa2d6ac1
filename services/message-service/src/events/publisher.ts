import type { Bus } from '@wisp/bus';
import { cells, subjects, type DeliveryItem } from '@wisp/protocol';
import { ring, type Announcements } from '../domain/announcements.js';
import { packEnvelopes } from './pack-envelopes.js';
import { createRecentHeads } from './recent-heads.js';

export interface PublisherObserver {
  /** The bus didn't take it: the gateways will see a jump. */
  publishFailed(error: unknown): void;
}

export interface Publisher extends Announcements {
  /** An envelope without items: silence would mean a loss. */
  beat(): void;
  /** The last envelope: from now on silence means nothing. */
  bye(): Promise<void>;
  stop(): void;
}

export interface PublisherOptions {
  readonly bus: Bus;
  /** Random, new with each start. */
  readonly process: string;
  /** The newest known. */
  readonly timeline: () => number;
  readonly observer: PublisherObserver;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * The process's streams of envelopes, one per cell, numbered without a gap. A number is spent also where the bus
 * refuses the envelope: then the gateways see that something is missing.
 */
export function createPublisher({ bus, process, timeline, observer, now }: PublisherOptions): Publisher {
  const numbers = new Map<number, number>();
  const recent = createRecentHeads(now);

  function publish(items: DeliveryItem[], extras: { timeline: number; bye?: true }): boolean {
    let isTaken = true;
    for (const cell of cells) {
      const number = (numbers.get(cell) ?? 0) + 1;
      numbers.set(cell, number);
      try {
        bus.publish(subjects.deliver(cell), { process, number, items, ...extras });
      } catch (error) {
        isTaken = false;
        observer.publishFailed(error);
      }
    }
    return isTaken;
  }

  async function flush(): Promise<boolean> {
    try {
      await bus.flush();
      return true;
    } catch (error) {
      observer.publishFailed(error);
      return false;
    }
  }

  async function announce(under: number, items: readonly DeliveryItem[]): Promise<boolean> {
    if (items.length === 0) return true;
    for (const item of items) recent.add(item);
    let isTaken = true;
    for (const list of packEnvelopes(items)) isTaken = publish(list, { timeline: under }) && isTaken;
    return (await flush()) && isTaken;
  }

  // What was published shortly before the bus went away may be lost on its way: its heads are rung.
  const endStatus = bus.onStatus((status) => {
    if (status.kind !== 'reconnected') return;
    const heads = recent
      .list()
      .map(({ conversation, newestCommitSeq, seq }) => ring(conversation, newestCommitSeq, seq));
    void announce(timeline(), heads);
  });

  return {
    announce,
    beat: () => void publish([], { timeline: timeline() }),
    async bye() {
      publish([], { timeline: timeline(), bye: true });
      await flush();
    },
    stop: endStatus,
  };
}
