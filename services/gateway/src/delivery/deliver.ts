import {
  ackedFrame,
  entriesFrame,
  expiredFrame,
  headFrame,
  hintFrame,
  type ConversationId,
  type DeliveryItem,
  type DeviceId,
  type LogEntry,
  type Seq,
  type ServerFrame,
} from '@wisp/protocol';
import type { z } from 'zod';
import type { Audience } from './audience.js';

/** Writes one frame to the sockets of devices that are connected here. */
export interface Outlet {
  emit<Frame extends ServerFrame>(
    devices: Iterable<DeviceId>,
    frame: Frame,
    payload: z.input<Frame['payload']>,
  ): void;
  /** These devices have left: nothing that is said in passing reaches them any more. */
  dismiss(conversation: ConversationId, devices: readonly DeviceId[]): void;
}

export interface Members {
  /** Null: message-service can't be asked now. */
  list(conversation: ConversationId): Promise<{ newestCommitSeq: Seq; devices: DeviceId[] } | null>;
}

/**
 * Hands the items of the delivery stream to the member devices that are connected here, each conversation's in
 * order. Where the audience is of an older commit than the item, the members are asked for first and what follows
 * in that conversation waits.
 */
export class Delivery {
  private readonly waiting = new Map<ConversationId, { timeline: number; item: DeliveryItem }[]>();

  constructor(
    private readonly audience: Audience,
    private readonly members: Members,
    private readonly outlet: Outlet,
  ) {}

  deliver(timeline: number, items: readonly DeliveryItem[]): void {
    for (const item of items) {
      const queue = this.waiting.get(item.conversation);
      if (queue !== undefined) queue.push({ timeline, item });
      else if (!this.deliverOne(timeline, item)) void this.askMembers(timeline, item);
    }
  }

  private deliverOne(timeline: number, item: DeliveryItem): boolean {
    const { conversation } = item;
    if (item.kind === 'commit') {
      const { seq, previousCommitSeq, device: committer, removes } = item;
      const adds = item.adds.map(({ device }) => device);
      if (!this.audience.apply(conversation, { seq, previousCommitSeq, committer, adds, removes }))
        return false;
      this.dismiss(conversation, removes);
    }
    if (item.kind === 'ended') {
      this.audience.end(conversation, item.devices);
      this.dismiss(conversation, item.devices);
    }
    const listeners = this.audience.listeners(conversation, item.newestCommitSeq);
    if (listeners === null) return false;
    if (listeners.size > 0) this.write(timeline, item, listeners);
    return true;
  }

  /** They are sent nothing of this conversation any more; what happened they learn by sync. */
  private dismiss(conversation: ConversationId, devices: readonly DeviceId[]): void {
    this.outlet.dismiss(conversation, devices);
    this.outlet.emit(devices, hintFrame, { within: 0 });
  }

  private write(timeline: number, item: DeliveryItem, listeners: ReadonlySet<DeviceId>): void {
    const { conversation } = item;
    switch (item.kind) {
      case 'message':
      case 'commit': {
        // Some listeners may have come after this entry: whose it is they learn by asking for it.
        const isForAll = !this.audience.isAhead(conversation, item.newestCommitSeq);
        if (item.body === undefined || !isForAll)
          return this.outlet.emit(listeners, headFrame, { timeline, conversation, seq: item.seq });
        return this.outlet.emit(listeners, entriesFrame, {
          timeline,
          conversation,
          entries: [entryOf(item, item.body)],
        });
      }
      case 'head':
        return this.outlet.emit(listeners, headFrame, { timeline, conversation, seq: item.seq });
      case 'expired':
        return this.outlet.emit(listeners, expiredFrame, { timeline, conversation, seqs: item.seqs });
      case 'acked': {
        const others = [...listeners].filter((device) => device !== item.device);
        return this.outlet.emit(others, ackedFrame, {
          conversation,
          user: item.user,
          device: item.device,
          seq: item.seq,
        });
      }
      case 'ended':
        return this.outlet.emit(listeners, hintFrame, { within: 0 });
    }
  }

  private async askMembers(timeline: number, item: DeliveryItem): Promise<void> {
    const { conversation } = item;
    const queue = [{ timeline, item }];
    this.waiting.set(conversation, queue);
    const members = await this.members.list(conversation);
    if (members !== null) this.audience.replace(conversation, members);
    this.waiting.delete(conversation);
    for (const next of queue) {
      const isDelivered = members !== null && this.deliverOne(next.timeline, next.item);
      // Nobody is pushed what may no longer be theirs: the members among them fetch it, the others are refused.
      if (!isDelivered) this.outlet.emit(this.audience.anyone(conversation), hintFrame, { within: 1000 });
    }
  }
}

function entryOf(item: Extract<DeliveryItem, { kind: 'message' | 'commit' }>, body: string): LogEntry {
  const { seq, user, device, acceptedAt } = item;
  const expiresAt = item.kind === 'message' ? item.expiresAt : undefined;
  return {
    seq,
    kind: item.kind,
    user,
    device,
    acceptedAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    body,
  };
}
