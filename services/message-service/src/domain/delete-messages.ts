import type { ConversationId, Seq } from '@wisp/protocol';
import type { Announcements } from './announcements.js';
import type { Caller, DeletionVerdict } from './log.js';

export interface DeletionLog {
  deleteEntries(
    caller: Caller,
    wanted: { conversation: ConversationId; seqs: readonly Seq[] },
  ): Promise<DeletionVerdict>;
}

export interface DeletionPorts {
  readonly log: DeletionLog;
  readonly announcements: Announcements;
}

export type DeletionOutcome =
  { readonly kind: 'deleted'; readonly deleted: readonly Seq[] } | { readonly kind: 'forbidden' };

/** Deletes for everyone. What is gone already counts as deleted before: asking twice does no harm. */
export async function deleteMessages(
  { log, announcements }: DeletionPorts,
  caller: Caller,
  wanted: { conversation: ConversationId; seqs: readonly Seq[] },
): Promise<DeletionOutcome> {
  const verdict = await log.deleteEntries(caller, wanted);
  if (verdict.kind === 'forbidden') return verdict;
  const { gone, timeline } = verdict;
  if (gone.seqs.length > 0) {
    await announcements.announce(timeline, [{ kind: 'expired', ...gone, seqs: [...gone.seqs] }]);
  }
  return { kind: 'deleted', deleted: gone.seqs };
}
