import { ackFrame, type ConversationId } from '@wisp/protocol';
import { announceConversation } from './announce.js';
import type { Context } from './context.js';
import { drainOutbox, wantsHealing } from './outbox.js';
import { carryOutDeletions } from './owed-deletions.js';
import { proposeCommit, submitPending, type Submission } from './own-commit.js';
import type { PendingRecord } from './records.js';
import type { Room } from './room.js';
import { confirmedNumbers, settleConfirmed, settleContradicted } from './settle-confirmed.js';
import type { LogSync } from './sync.js';
import { inBackground } from '../in-background.js';

const RETRY_FIRST = 500;
const RETRY_LONGEST = 30_000;
const ACK_EVERY = 1000;

export interface OutgoingParts {
  context: Context;
  log: LogSync;
  /** The pair has a conversation already: ours goes into that one. */
  onDirectExists: (room: Room, conversation: ConversationId) => Promise<void>;
  /** The server refused the first commit for good. */
  onNeverBegun: (room: Room) => Promise<void>;
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

  /** Connected and synced: what waits may go. False: it has gone again while this engine caught up. */
  async resume(rooms: Iterable<Room>): Promise<boolean> {
    if (this.isClosed || this.parts.context.realtime.state.kind !== 'online') return false;
    this.isSynced = true;
    this.retries.clear();
    await carryOutDeletions(this.parts.context);
    for (const room of rooms) {
      await this.submit(room);
      this.drain(room);
    }
    return true;
  }

  /** Sends the own pending commit, if there is one, until the log has decided about it. */
  async submit(room: Room): Promise<Submission> {
    for (;;) {
      const submission = await submitPending(this.parts.context, room);
      if (submission.kind !== 'decided') {
        await this.conclude(room, submission);
        return submission;
      }
      const outcome = await this.parts.log.sync();
      const left = await this.parts.context.store.pending(room.id);
      if (left === null) return submission;
      if (left.isSent) {
        if (!submission.isIn && outcome === 'synced' && (await this.giveUpLost(room, left)))
          return submission;
        // The log doesn't show what decided: it is asked again.
        this.retryLater(room);
        return submission;
      }
      // Another commit came first, and the walk has built ours anew.
    }
  }

  /**
   * The server takes it no more and the whole log shows nothing that came instead: the log was restored, and has lost
   * what the commit was made for or the commit itself. The next incarnation is what follows.
   */
  private giveUpLost(room: Room, lost: PendingRecord): Promise<boolean> {
    const { context } = this.parts;
    return room.serial.run(async () => {
      const { renewal, cursor, serverHead } = room.record;
      if (renewal === null || cursor < serverHead) return false;
      const current = await context.store.pending(room.id);
      if (current?.bytes !== lost.bytes) return false;
      await room.save(context, { changes: [context.store.removePending(room.id)] });
      await announceConversation(context, room);
      return true;
    });
  }

  private async conclude(room: Room, submission: Submission): Promise<void> {
    const { context, onDirectExists, onNeverBegun } = this.parts;
    switch (submission.kind) {
      case 'nothing':
      case 'decided':
        return;
      case 'later':
        return this.retryLater(room);
      case 'direct-exists':
        return onDirectExists(room, submission.conversation);
      case 'refused':
        if (room.record.state === 'creating') return onNeverBegun(room);
        await room.serial.run(() => room.save(context, { changes: [context.store.removePending(room.id)] }));
        return announceConversation(context, room);
    }
  }

  /** Sends what waits, round after round; whatever goes wrong is tried again with growing pauses. */
  drain(room: Room): void {
    const { context, log } = this.parts;
    inBackground(
      room.line.run(async () => {
        while (this.isSynced && !this.isClosed) {
          const outcome = await drainOutbox(context, room, (own) => log.receiveEntries(room.id, own));
          if (outcome !== 'again') {
            if (outcome !== 'idle') this.retryLater(room);
            break;
          }
          this.retries.delete(room.id);
        }
        if (this.isSynced && !this.isClosed) await carryOutDeletions(context);
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
    const { context, log } = this.parts;
    const doubtful = await confirmedNumbers(context, room);
    const outcome = await log.sync();
    // A message that the server has by its word, and whose entry went before it came by: nothing else ends its wait.
    await room.serial.run(async () => {
      await settleConfirmed(context, room);
      if (outcome === 'synced') await settleContradicted(context, room, doubtful);
    });
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
