import { appendFrame, entriesFrame, limits, type ConversationId } from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Account } from './accounts.js';
import type { Connection } from './connection.js';
import type { Latencies } from './latencies.js';
import { sealedText } from './sealed-message.js';

/** One person's end of a conversation. */
export interface End {
  readonly account: Account;
  readonly conversation: ConversationId;
  readonly connection: Connection;
  readonly peer: Connection;
  /** n of the newest message that was sent. */
  sent: number;
}

export interface Load {
  /** Milliseconds from the moment a message was due. */
  readonly toAck: Latencies;
  readonly toPeer: Latencies;
  acknowledged: number;
  /** Asked again: the server was busy. */
  refused: number;
  /** Acknowledged and never pushed to the peer, who would have fetched them. */
  notPushed: number;
  /** Due and not even sent when the time was over. */
  unsent: number;
}

interface Outgoing {
  readonly dueAt: number;
  readonly body: string;
}

const RETRY_MS = 100;

/** What goes from one end to its peer: one frame in flight, as engines do; what becomes due meanwhile is the next. */
export class Lane {
  isMeasuring = false;
  onIdle: () => void = () => undefined;
  private readonly groupId = randomBytes(16);
  /** When each message that hasn't been sent yet was due. */
  private waiting: number[] = [];
  private isInFlight = false;
  /** Sent; the peer hasn't got them yet. */
  private underWay: Outgoing[] = [];

  constructor(
    private readonly end: End,
    private readonly load: Load,
  ) {
    end.peer.onFrame = (event, payload) => this.hear(event, payload);
  }

  push(dueAt: number, messages = 1): void {
    for (let count = 0; count < messages; count += 1) this.waiting.push(dueAt);
    this.flush();
  }

  isIdle(): boolean {
    return !this.isInFlight && this.waiting.length === 0;
  }

  isSettled(): boolean {
    return this.isIdle() && this.underWay.length === 0;
  }

  /** What hasn't been sent yet won't be. */
  dropUnsent(): void {
    this.onIdle = () => undefined;
    this.load.unsent += this.waiting.length;
    this.waiting = [];
  }

  giveUpWaiting(): void {
    this.load.notPushed += this.underWay.length;
  }

  private flush(): void {
    if (this.isInFlight || this.waiting.length === 0) return;
    const frame = this.waiting.splice(0, limits.messagesPerAppend).map((dueAt) => {
      this.end.sent += 1;
      return { dueAt, body: sealedText(this.groupId, this.end.sent) };
    });
    this.underWay.push(...frame);
    this.send(frame);
  }

  private send(frame: readonly Outgoing[]): void {
    this.isInFlight = true;
    const messages = frame.map(({ body }) => `"${body}"`).join(',');
    const payload = `{"conversation":"${this.end.conversation}","messages":[${messages}]}`;
    this.end.connection.send(appendFrame.event, payload, (ack) => this.answered(frame, ack));
  }

  private answered(frame: readonly Outgoing[], ack: unknown): void {
    const now = performance.now();
    const { results = [] } = ack as { results?: { status: string }[] };
    const isTaken = (index: number) => ['stored', 'duplicate'].includes(results[index]?.status ?? '');
    const firstRefused = frame.findIndex((_, index) => !isTaken(index));
    const taken = firstRefused === -1 ? frame : frame.slice(0, firstRefused);
    if (this.isMeasuring) {
      this.load.acknowledged += taken.length;
      for (const { dueAt } of taken) this.load.toAck.add(now - dueAt);
    }
    if (firstRefused !== -1) {
      const refused = frame.slice(firstRefused);
      this.load.refused += refused.length;
      setTimeout(() => this.send(refused), RETRY_MS);
      return;
    }
    this.isInFlight = false;
    this.flush();
    if (this.isIdle()) this.onIdle();
  }

  private hear(event: string, payload: unknown): void {
    if (event !== entriesFrame.event) return;
    const { entries } = payload as { entries: { device: string; body: string }[] };
    for (const { device, body } of entries) if (device === this.end.account.device) this.arrived(body);
  }

  private arrived(body: string): void {
    const index = this.underWay.findIndex((outgoing) => outgoing.body === body);
    if (index === -1) throw new Error('a message came twice');
    const [arrived] = this.underWay.splice(0, index + 1).slice(-1);
    this.load.notPushed += index;
    if (this.isMeasuring && arrived) this.load.toPeer.add(performance.now() - arrived.dueAt);
  }
}
