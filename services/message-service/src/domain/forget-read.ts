import type { ConversationId } from '@wisp/protocol';

export interface ForgetLog {
  /** Deletes after-read entries that every member device has acknowledged, up to `limit`. */
  forgetAcknowledged(conversations: readonly ConversationId[], limit: number): Promise<number>;
}

/** Conversations in which something after-read may have had its last reader. */
export interface ForgetList {
  add(conversation: ConversationId): void;
}

export interface ReadForgetter extends ForgetList {
  /** Looks at the conversations that were added since. */
  run(): Promise<void>;
}

const CONVERSATIONS = 500;
const BATCH = 2_000;
/** Beyond it the hard deadline does the work. */
const MAX_WAITING = 100_000;

/** After-read messages go once every member device has them; no event says so, since all have them. */
export function createReadForgetter({ log }: { log: ForgetLog }): ReadForgetter {
  const waiting = new Set<ConversationId>();
  return {
    add(conversation) {
      if (waiting.size < MAX_WAITING) waiting.add(conversation);
    },
    async run() {
      while (waiting.size > 0) {
        const conversations = [...waiting].slice(0, CONVERSATIONS);
        for (const conversation of conversations) waiting.delete(conversation);
        while ((await log.forgetAcknowledged(conversations, BATCH)) === BATCH);
      }
    },
  };
}
