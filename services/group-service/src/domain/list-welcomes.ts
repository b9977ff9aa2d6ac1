import type { ConversationId, Seq } from '@wisp/protocol';
import type { CommitLog, ReleasedWelcome, WelcomeStore } from './ports.js';
import type { Caller } from './projection.js';

export interface WelcomePorts {
  readonly welcomes: WelcomeStore;
  readonly log: Pick<CommitLog, 'readMembers'>;
}

/**
 * The Welcomes that wait for a device and whose commits the log has. A restored log may have lost some: whoever joined by
 * them would wait at a place that nobody comes to. They go with the conversation's next incarnation. Null: the log is away.
 */
export async function listWelcomes(
  { welcomes, log }: WelcomePorts,
  caller: Caller,
  limits: { count: number; bytes: number },
): Promise<ReleasedWelcome[] | null> {
  const released = await welcomes.listFor(caller, limits);
  const newest = new Map<ConversationId, Seq>();
  for (const { conversation } of released) {
    if (newest.has(conversation)) continue;
    const table = await log.readMembers(conversation);
    if (table === null) return null;
    newest.set(conversation, table.newestCommitSeq);
  }
  return released.filter(({ conversation, seq }) => seq <= (newest.get(conversation) ?? 0));
}
