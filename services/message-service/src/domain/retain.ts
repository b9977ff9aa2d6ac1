import type { ConversationId } from '@wisp/protocol';

export interface RetentionLimits {
  /** Looked at, and deleted, in one step at most. */
  readonly conversations: number;
  readonly entries: number;
  /** Seconds. */
  readonly commitAge: number;
  readonly messageAge: number;
}

export interface RetentionLog {
  /** `next`: where to go on; undefined: the round is over. */
  retainEntries(
    after: ConversationId | undefined,
    limits: RetentionLimits,
  ): Promise<{ next: ConversationId | undefined; deleted: number }>;
}

export interface Retention {
  /** A bounded part of the round over all conversations. */
  run(): Promise<void>;
}

const STEPS = 20;

/** Deletes what is older than the operator keeps: commits, and messages without a timer. It makes no event. */
export function createRetention(
  { log, observer }: { log: RetentionLog; observer: { retired(count: number): void } },
  limits: RetentionLimits,
): Retention {
  let after: ConversationId | undefined;
  return {
    async run() {
      for (let step = 0; step < STEPS; step += 1) {
        const { next, deleted } = await log.retainEntries(after, limits);
        if (deleted > 0) observer.retired(deleted);
        // A full step has left some behind: the same conversations again.
        if (deleted < limits.entries) after = next;
        if (next === undefined) return;
      }
    },
  };
}
