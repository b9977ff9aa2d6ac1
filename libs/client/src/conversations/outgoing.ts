import { ackFrame, type ConversationId } from '@wisp/protocol';
import { announceConversation } from './announce.js';
import type { Context } from './context.js';
import { drainOutbox, wantsHealing } from './outbox.js';
import { proposeCommit, submitPending, type Submission } from './own-commit.js';
import type { Room } from './room.js';
import type { LogSync } from './sync.js';
import { inBackground } from '../in-background.js';

const RETRY_FIRST = 500;
const RETRY_LONGEST = 30_000;
const ACK_EVERY = 1000;

export interface OutgoingParts {
  context: Context;
  log: LogSync;
  /** The pair has a conversation already: ours goes, that one is joined. */
  onDirectExists: (room: Room) => Promise<void>;
  /** Clocks may have been set. */
  onSettled: () => Promise<void>;
}

/** Everything that leaves this device: messages, commits, acknowledgements. What goes wrong is tried again. */
export class Outgoing {
  private readonly retries = new Map<ConversationId, number>();
  private readonly acksDue = new Set<ConversationId>();
  private isSynced = false;
  private isClosed = false;

  constructor(private readonly parts: OutgoingParts) {}

  close(): void {
    this.isClosed = true;
  }

  /** The connection is gone: nothing is sent before the next sync. */
  disconnected(): void {
    this.isSynced = false;
  }

  /** Connected and synced: what waits may go. */
  async resume(rooms: Iterable<Room>): Promise<void> {
    this.isSynced = true;
    this.retries.clear();
    await this.parts.log.carryOutDeletions();
    for (const room of rooms) {
      await this.submit(room);
      this.drain(room);
    }
  }

  /** Sends the own pending commit, if there is one. */
  async submit(room: Room): Promise<Submission> {
    const { context, log } = this.parts;
    const submission = await submitPending(context, room);
    switch (submission.kind) {
      case 'nothing':
        break;
      case 'decided':
        await log.sync();
        break;
      case 'later':
        this.retryLater(room);
        break;
      case 'direct-exists':
        await this.parts.onDirectExists(room);
        break;
      case 'refused':
        await room.serial.run(() => room.save(context, { changes: [context.store.removePending(room.id)] }));
        await announceConversation(context, room);
    }
    return submission;
  }

  /** Sends what waits, round after round; whatever goes wrong is tried again with growing pauses. */
  drain(room: Room): void {
    inBackground(
      room.line.run(async () => {
        while (this.isSynced && !this.isClosed) {
          const outcome = await drainOutbox(this.parts.context, room);
          if (outcome !== 'again') {
            if (outcome !== 'idle') this.retryLater(room);
            break;
          }
          this.retries.delete(room.id);
        }
        if (this.isSynced && !this.isClosed) await this.parts.log.carryOutDeletions();
        await this.parts.onSettled();
      }),
    );
  }

  /** The log was walked: the server is told how far, and now and then the keys heal. */
  walked(room: Room): void {
    const { clock, random, time } = this.parts.context;
    if (!this.acksDue.has(room.id)) {
      this.acksDue.add(room.id);
      clock.after(ACK_EVERY * random(), () => inBackground(this.acknowledge(room)));
    }
    const { record } = room;
    if (record.state === 'joined' && record.hold === null && wantsHealing(record, time.now()))
      inBackground(this.heal(room));
  }

  private retryLater(room: Room): void {
    const { clock, random } = this.parts.context;
    const tries = this.retries.get(room.id) ?? 0;
    this.retries.set(room.id, tries + 1);
    const pause = Math.min(RETRY_FIRST * 2 ** tries, RETRY_LONGEST) * (0.5 + random());
    clock.after(pause, () => inBackground(this.retry(room)));
  }

  private async retry(room: Room): Promise<void> {
    if (this.isClosed || !this.isSynced) return;
    await this.parts.log.sync();
    await this.submit(room);
    this.drain(room);
  }

  private async acknowledge(room: Room): Promise<void> {
    this.acksDue.delete(room.id);
    if (this.isClosed) return;
    await this.parts.context.realtime.send(ackFrame, { conversation: room.id, seq: room.record.cursor });
  }

  private async heal(room: Room): Promise<void> {
    const { context } = this.parts;
    const isProposed = await room.serial.run(async () => {
      if ((await context.store.pending(room.id)) !== null) return false;
      await proposeCommit(context, room, { kind: 'self-update' });
      return true;
    });
    if (isProposed) await this.submit(room);
  }
}
