import type { ConversationId, DeliveryItem, Seq } from '@wisp/protocol';

export interface RecentHead {
  readonly conversation: ConversationId;
  readonly newestCommitSeq: Seq;
  readonly seq: Seq;
}

const KEEP_MS = 30_000;

/** The heads that were announced in the last 30 s. */
export function createRecentHeads(now: () => number): {
  add(item: DeliveryItem): void;
  list(): RecentHead[];
} {
  /** Oldest first: an update moves to the end. */
  const heads = new Map<ConversationId, RecentHead & { at: number }>();

  function forgetOld(): void {
    const oldest = now() - KEEP_MS;
    for (const [conversation, { at }] of heads) {
      if (at >= oldest) return;
      heads.delete(conversation);
    }
  }

  return {
    add(item) {
      if (item.kind !== 'message' && item.kind !== 'commit' && item.kind !== 'head') return;
      forgetOld();
      const { conversation, newestCommitSeq, seq } = item;
      const known = heads.get(conversation);
      if (known && known.seq > seq) return;
      heads.delete(conversation);
      heads.set(conversation, { conversation, newestCommitSeq, seq, at: now() });
    },
    list() {
      forgetOld();
      return [...heads.values()];
    },
  };
}
