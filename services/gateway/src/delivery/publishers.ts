import type { DeliveryEnvelope } from '@wisp/protocol';

/** Silence of a publisher that beats every second: something was lost (server §4). */
const SILENCE_MS = 3000;

/** Notices lost envelopes: each publisher numbers its own and beats, so that losses are countable. */
export class Publishers {
  private readonly seen = new Map<string, { number: number; at: number }>();

  constructor(private readonly now: () => number) {}

  /** True: envelopes of this publisher are missing before this one. */
  receive(envelope: DeliveryEnvelope): boolean {
    const before = this.seen.get(envelope.process);
    if (envelope.bye) this.seen.delete(envelope.process);
    else this.seen.set(envelope.process, { number: envelope.number, at: this.now() });
    return before !== undefined && envelope.number !== before.number + 1;
  }

  /** Publishers that have fallen silent without a goodbye; each is told once. */
  fallenSilent(): string[] {
    const silent = [...this.seen]
      .filter(([, { at }]) => this.now() - at > SILENCE_MS)
      .map(([process]) => process);
    for (const process of silent) this.seen.delete(process);
    return silent;
  }
}
