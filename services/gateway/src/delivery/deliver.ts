import {
  ackedFrame,
  entriesFrame,
  expiredFrame,
  headFrame,
  hintFrame,
  unreachable,
  type ConversationId,
  type DeliveryItem,
  type DeviceId,
  type LogEntry,
  type Seq,
  type ServerFrame,
} from '@wisp/protocol';
import type { z } from 'zod';
import type { Audience } from './audience.js';
import { bundleMessages, type DeliveryPart, type MessageBundle } from './bundle-messages.js';

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
 * in that conversation waits. Whoever sent a message isn't told of it: the acknowledgement says as much.
 */
export class Delivery {
  private readonly waiting = new Map<ConversationId, { timeline: number; part: DeliveryPart }[]>();

  private timeline = 0;

  constructor(
    private readonly audience: Audience,
    private readonly members: Members,
    private readonly outlet: Outlet,
  ) {}

  /** True: the log lives on another timeline than before. Whose its conversations are is asked anew. */
  follow(timeline: number): boolean {
    if (timeline <= this.timeline) return false;
    const isMoved = this.timeline > 0;
    this.timeline = timeline;
    if (isMoved) this.audience.outdate();
    return isMoved;
  }

  deliver(timeline: number, items: readonly DeliveryItem[]): void {
    for (const part of bundleMessages(items)) {
      const queue = this.waiting.get(part.conversation);
      if (queue !== undefined) queue.push({ timeline, part });
      else if (!this.deliverOne(timeline, part)) void this.askMembers(timeline, part);
    }
  }

  private deliverOne(timeline: number, part: DeliveryPart): boolean {
    const { conversation } = part;
    if (part.kind === 'commit') {
      const { seq, previousCommitSeq, device: committer, removes } = part;
      const adds = part.adds.map(({ device }) => device);
      if (!this.audience.apply(conversation, { seq, previousCommitSeq, committer, adds, removes }))
        return false;
      this.dismiss(conversation, removes);
    }
    if (part.kind === 'ended') {
      this.audience.end(conversation, part.devices);
      this.dismiss(conversation, part.devices);
    }
    const listeners = this.audience.listeners(conversation, part.newestCommitSeq);
    if (listeners === null) return false;
    if (listeners.size > 0) this.write(timeline, part, listeners);
    return true;
  }

  /** They are sent nothing of this conversation any more; what happened they learn by sync. */
  private dismiss(conversation: ConversationId, devices: readonly DeviceId[]): void {
    this.outlet.dismiss(conversation, devices);
    this.outlet.emit(devices, hintFrame, { within: 0 });
  }

  private write(timeline: number, part: DeliveryPart, listeners: ReadonlySet<DeviceId>): void {
    const { conversation } = part;
    const ring = (seq: Seq) => this.outlet.emit(listeners, headFrame, { timeline, conversation, seq });
    // Some listeners may have come after this entry: whose it is they learn by asking for it.
    const isForAll = !this.audience.isAhead(conversation, part.newestCommitSeq);
    switch (part.kind) {
      case 'messages': {
        const entries = part.messages.map(entryOfMessage);
        if (!isForAll) return ring(newestOf(entries));
        const others = without(listeners, part.device);
        return this.outlet.emit(others, entriesFrame, { timeline, conversation, entries });
      }
      case 'commit': {
        const { kind, seq, user, device, acceptedAt, body } = part;
        if (body === undefined || !isForAll) return ring(seq);
        const entries = [{ kind, seq, user, device, acceptedAt, body }];
        return this.outlet.emit(listeners, entriesFrame, { timeline, conversation, entries });
      }
      case 'head':
        return ring(part.seq);
      case 'expired':
        return this.outlet.emit(listeners, expiredFrame, { timeline, conversation, seqs: part.seqs });
      case 'acked': {
        const { user, device, seq } = part;
        return this.outlet.emit(without(listeners, device), ackedFrame, { conversation, user, device, seq });
      }
      case 'ended':
        return this.outlet.emit(listeners, hintFrame, { within: 0 });
      default:
        return unreachable(part);
    }
  }

  private async askMembers(timeline: number, part: DeliveryPart): Promise<void> {
    const { conversation } = part;
    const queue = [{ timeline, part }];
    this.waiting.set(conversation, queue);
    const members = await this.members.list(conversation);
    if (members !== null) this.audience.replace(conversation, members);
    this.waiting.delete(conversation);
    for (const next of queue) {
      const isDelivered = members !== null && this.deliverOne(next.timeline, next.part);
      // Nobody is pushed what may no longer be theirs: the members among them fetch it, the others are refused.
      if (!isDelivered) this.outlet.emit(this.audience.anyone(conversation), hintFrame, { within: 1000 });
    }
  }
}

function entryOfMessage({
  kind,
  seq,
  user,
  device,
  acceptedAt,
  expiresAt,
  body,
}: MessageBundle['messages'][number]): LogEntry {
  return { seq, kind, user, device, acceptedAt, ...(expiresAt === undefined ? {} : { expiresAt }), body };
}

function newestOf(entries: readonly LogEntry[]): Seq {
  return Math.max(...entries.map(({ seq }) => seq)) as Seq;
}

function without(devices: ReadonlySet<DeviceId>, device: DeviceId): DeviceId[] {
  return [...devices].filter((one) => one !== device);
}
