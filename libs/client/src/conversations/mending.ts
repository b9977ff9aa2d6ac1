import type { ConversationId } from '@wisp/protocol';
import { inBackground } from '../in-background.js';
import { answerRequests } from './answer-requests.js';
import { askForRepair } from './ask-for-repair.js';
import type { Context } from './context.js';
import { startNextIncarnation } from './next-incarnation.js';
import type { ConversationRecord } from './records.js';
import type { Room } from './room.js';

/** What is due is due at once; what isn't said to the second needn't be. */
const SOONEST = 100;
/** A request that the server didn't answer goes again. */
const TELL_AGAIN = 30_000;

export interface MendingParts {
  context: Context;
  rooms: ReadonlyMap<ConversationId, Room>;
  /** Sends a stored commit. */
  submit: (room: Room) => Promise<unknown>;
  drain: (room: Room) => void;
}

/** Conversations that fell out of step: asks for repair, answers those who ask, begins anew what nothing else cures. */
export class Mending {
  private isSynced = false;
  private cancel: () => void = () => undefined;

  constructor(private readonly parts: MendingParts) {}

  close(): void {
    this.isSynced = false;
    this.cancel();
  }

  /** The connection is gone: nothing is asked before the next sync. */
  disconnected(): void {
    this.close();
  }

  /** Connected and synced: others' requests are looked at, then what is broken here. */
  async resume(): Promise<void> {
    this.isSynced = true;
    await this.answer();
  }

  /** Somebody asks; which may show that this device is out of step as well. */
  async answer(): Promise<void> {
    const { context, rooms, submit, drain } = this.parts;
    for (const room of await answerRequests(context, rooms)) {
      await submit(room);
      drain(room);
    }
    await this.mend();
  }

  /** Sets the alarm for whatever is due next. */
  arm(): void {
    this.cancel();
    if (!this.isSynced) return;
    const { clock, time } = this.parts.context;
    const now = time.now();
    const due = [...this.parts.rooms.values()].map(({ record }) =>
      isUntold(record) ? now + TELL_AGAIN : nextStepAt(record),
    );
    const soonest = Math.min(...due);
    if (soonest === Infinity) return;
    this.cancel = clock.after(Math.max(SOONEST, soonest - now), () => inBackground(this.mend()));
  }

  private async mend(): Promise<void> {
    const { context, rooms, submit, drain } = this.parts;
    for (const room of rooms.values()) {
      if (!this.isSynced) return;
      if (!isUntold(room.record) && nextStepAt(room.record) > context.time.now()) continue;
      await askForRepair(context, room);
      if (!(await startNextIncarnation(context, room))) continue;
      await submit(room);
      drain(room);
    }
    this.arm();
  }
}

function isUntold({ astray, renewal }: ConversationRecord): boolean {
  return renewal === null && astray !== null && astray.statement !== null && !astray.isTold;
}

/** When a conversation needs something done, in server time. */
function nextStepAt({ astray, renewal, kind, state }: ConversationRecord): number {
  if (kind !== 'direct' || state !== 'joined') return Infinity;
  if (renewal !== null) return renewal.nextAt;
  return astray?.nextAt ?? Infinity;
}
